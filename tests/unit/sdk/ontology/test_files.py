"""Files of disease hierarchies: what is read, and every fault told before anything is sent."""

import gzip
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hierarchies import TABLE, by_code, written

from medconsent.errors import DocumentError
from medconsent.ontology import files
from medconsent.ontology.files import read
from medconsent.ontology.pages import Term

OBO = """\
format-version: 1.4
data-version: doid/releases/2026-07-31/doid.obo
ontology: doid
property_value: http://purl.org/dc/terms/license https://creativecommons.org/publicdomain/zero/1.0/ xsd:string

! a comment
[Term]
id: DOID:4
name: disease

[Term]
id: DOID:162
name: cancer
is_a: DOID:4 {source="x ! y"} ! disease

[Term]
id: DOID:1612
name: breast\\W"cancer" \\(all\\) ! what people say {x="y"}
xref: ICD10CM:C50
is_a: DOID:162 ! cancer
is_a: HP:0000001 ! of another system
intersection_of: DOID:9

[Term]
id: DOID:305
name: carcinoma
is_a: DOID:162

[Term]
id: DOID:3459
name: breast carcinoma
is_a: DOID:305
is_a: DOID:1612

[Term]
id: DOID:7
name: obsolete carcinoma of breast
is_obsolete: true
replaced_by: DOID:8

[Term]
id: DOID:8
is_obsolete: true
replaced_by: DOID:3459

[Term]
id: DOID:9
is_obsolete: true
replaced_by: DOID:305
replaced_by: DOID:162

[Term]
id: HP:0000118
name: of another system

[Typedef]
id: part_of
name: part of
is_a: overlaps
"""
IRI = "http://purl.obolibrary.org/obo/"
GRAPH: dict[str, Any] = {
    "graphs": [
        {
            "id": IRI + "doid.json",
            "meta": {
                "version": IRI + "doid/releases/2026-07-31/doid.json",
                "basicPropertyValues": [{"pred": "http://purl.org/dc/terms/license", "val": "https://cc0.example"}],
            },
            "nodes": [
                {"id": IRI + "DOID_4", "lbl": "disease", "type": "CLASS"},
                {"id": IRI + "DOID_162", "lbl": "cancer", "type": "CLASS"},
                {"id": IRI + "DOID_1612", "lbl": 'breast "cancer" (all)', "type": "CLASS"},
                {"id": IRI + "DOID_305", "lbl": "carcinoma", "type": "CLASS"},
                {"id": IRI + "DOID_3459", "lbl": "breast carcinoma", "type": "CLASS"},
                {
                    "id": IRI + "DOID_7",
                    "lbl": "obsolete carcinoma of breast",
                    "type": "CLASS",
                    "meta": {
                        "deprecated": True,
                        "basicPropertyValues": [{"pred": IRI + "IAO_0100001", "val": IRI + "DOID_8"}],
                    },
                },
                {
                    "id": IRI + "DOID_8",
                    "meta": {
                        "deprecated": True,
                        "basicPropertyValues": [{"pred": IRI + "IAO_0100001", "val": "DOID:3459"}],
                    },
                },
                {"id": IRI + "DOID_9", "meta": {"deprecated": True}},
                {"id": IRI + "HP_0000118", "lbl": "of another system", "type": "CLASS"},
                {"id": IRI + "RO_0002131", "lbl": "overlaps", "type": "PROPERTY"},
            ],
            "edges": [
                {"sub": IRI + "DOID_162", "pred": "is_a", "obj": IRI + "DOID_4"},
                {"sub": IRI + "DOID_1612", "pred": "is_a", "obj": IRI + "DOID_162"},
                {"sub": IRI + "DOID_305", "pred": "is_a", "obj": IRI + "DOID_162"},
                {"sub": IRI + "DOID_3459", "pred": "is_a", "obj": IRI + "DOID_305"},
                {"sub": IRI + "DOID_3459", "pred": "is_a", "obj": IRI + "DOID_1612"},
                {"sub": IRI + "DOID_1612", "pred": "part_of", "obj": IRI + "DOID_7"},
            ],
        }
    ]
}


@pytest.mark.parametrize("name", ["doid.obo", "doid.obo.gz", "DOID.OBO"])
def test_obo(tmp_path: Path, name: str) -> None:
    found = read(written(tmp_path, name, OBO))
    assert (found.system, found.version) == ("DOID", "2026-07-31")
    assert found.source == "doid/releases/2026-07-31/doid.obo"
    assert found.licence == "https://creativecommons.org/publicdomain/zero/1.0/"
    terms = by_code(found)
    assert [*terms] == ["1612", "162", "305", "3459", "4", "7", "8", "9"]
    assert terms["1612"] == Term("1612", 'breast "cancer" (all)', ("162",), ("162", "4"))
    assert terms["3459"] == Term("3459", "breast carcinoma", ("1612", "305"), ("1612", "162", "305", "4"))
    assert terms["7"].replaced_by == "3459", "an obsolete replacement is followed to the living one"
    assert terms["7"].obsolete
    assert terms["9"].replaced_by is None, "two replacements are none"
    assert found.notes == (
        "terms of other systems: 1",
        "parents of other systems: 1",
        "replacements that are not exactly one living term of the system: 1",
    )


def test_a_line_of_obo_goes_on_behind_a_backslash(tmp_path: Path) -> None:
    plain, continued = tmp_path / "plain.obo", tmp_path / "continued.obo"
    plain.write_text(OBO)
    continued.write_text(
        OBO.replace("name: carcinoma", "name: carci\\\nnoma")
        .replace("is_a: DOID:305\n", "is_a: \\\n\\\nDOID:305\n")
        .replace("! a comment", "! a comment is not continued \\")
    )
    assert read(continued) == read(plain)
    continued.write_text(OBO + "\n[Term]\nid: DOID:99\nname: cut off \\")
    assert any(term.name == "cut off" for term in read(continued).terms)


def test_obo_graphs_and_tables_say_the_same(tmp_path: Path) -> None:
    obo = by_code(read(written(tmp_path, "doid.obo", OBO)))
    graph = read(written(tmp_path, "doid.json.gz", json.dumps(GRAPH)))
    assert by_code(graph) == obo
    assert (graph.version, graph.licence) == ("2026-07-31", "https://cc0.example")
    table = read(written(tmp_path, "doid.tsv", TABLE), version="1")
    assert by_code(table)["3459"] == obo["3459"]
    assert (table.source, table.licence) == ("doid.tsv", None)


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"edges": [{"sub": "DOID:5", "pred": "is_a"}]}, "a node or an edge has no 'obj'"),
        ({"nodes": [{"id": 4, "type": "CLASS"}]}, "a number, a list or an object stands for a text"),
        ({"edges": {}}, "its edges should be a list"),
    ],
)
def test_graphs_of_another_shape_are_told_in_words(tmp_path: Path, members: dict[str, object], says: str) -> None:
    document = {"graphs": [{**GRAPH["graphs"][0], **members}]}
    with pytest.raises(DocumentError, match=f"doid.json: it is not an OBO Graphs document: {says}") as caught:
        read(written(tmp_path, "doid.json", json.dumps(document)))
    assert caught.value.hint


def test_what_is_given_counts(tmp_path: Path) -> None:
    found = read(written(tmp_path, "doid.obo", OBO), version="mine", source="s", licence="l")
    assert (found.version, found.source, found.licence) == ("mine", "s", "l")
    with pytest.raises(DocumentError, match="no term of MONDO"):
        read(written(tmp_path, "doid.obo", OBO), system="MONDO")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[Term]\nid: DOID:1\nis_a: DOID:2\n", 1, "the parent DOID:2, which is not in the file"),
        ("[Term]\nid: DOID:1\n\n[Term]\nid: DOID:1\n", 4, "DOID:1 is there twice"),
        ("[Term]\nname: x\n", 1, "no id"),
        ("[Term]\nid: DOID:1\nid: DOID:2\n", 1, "the tag id twice"),
        ("[Term]\nid: DOID:x/y\n", 1, "not a code of DOID"),
        ("[Term]\nid: DOID:1\nrubbish\n", 3, "neither a stanza"),
        ("[Term]\nid: DOID:1\nis_obsolete: true\nis_a: DOID:2\n[Term]\nid: DOID:2\n", 1, "is obsolete and has parents"),
        ("[Term]\nid: DOID:1\nis_a: DOID:2\n[Term]\nid: DOID:2\nis_obsolete: true\n", 1, "which is obsolete"),
        ("[Term]\nid: DOID:1\nis_a: DOID:2\n[Term]\nid: DOID:2\nis_a: DOID:1\n", 0, "lies under itself"),
        ("[Term]\nid: DOID:1\nis_a: DOID:1\n", 0, "DOID:1 is a DOID:1"),
        (f"[Term]\nid: DOID:1\nname: {'x' * 501}\n", 1, "501 characters"),
        (b"[Term]\nid: DOID:1\nname: \xff\n", 3, "not UTF-8"),
        (b"x" * (1024 * 1024 + 1), 1, "longer than 1 MiB"),
        ("ontology: doid\n", 0, "not an OBO file"),
        ("", 0, "not an OBO file"),
    ],
)
def test_faults_are_told_with_their_line(tmp_path: Path, text: str | bytes, line: int, says: str) -> None:
    with pytest.raises(DocumentError, match=says) as caught:
        read(written(tmp_path, "x.obo", text), system="DOID", version="1")
    assert caught.value.line == line
    assert caught.value.source.endswith("x.obo")


def test_a_cycle_is_named_in_the_direction_of_is_a(tmp_path: Path) -> None:
    rows = "id\tparent_id\nDOID:1\tDOID:2\nDOID:2\tDOID:3\nDOID:3\tDOID:1\n"
    with pytest.raises(DocumentError) as caught:
        read(written(tmp_path, "x.tsv", rows), version="1")
    path = str(caught.value).partition("itself: ")[2].split(" is a ")
    assert path[0] == path[-1]
    assert {(low, high) for low, high in pairwise(path)} == {
        ("DOID:1", "DOID:2"),
        ("DOID:2", "DOID:3"),
        ("DOID:3", "DOID:1"),
    }


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("x.owl", "", "format is not known"),
        ("x.obo.gz", b"", "cannot be read|no stanza|whole gzip"),
        ("x.tsv", "a\tb\n", "first line"),
        ("x.tsv", "id\tid\tparent_id\n", "first line"),
        ("x.tsv", "id\tparent_id\nDOID:1\n", "2:.*1 column and should have 2"),
        ("x.tsv", "id\tlabel\tparent_id\nDOID:1\ta\t\nDOID:1\tb\t\n", "3:.*called 'b' here, and 'a' before"),
        ("x.tsv", "id\tparent_id\n\tDOID:1\nDOID:2\t\n", "no id"),
        ("x.tsv", "id\tparent_id\n", "which system"),
        ("x.tsv", "id\tparent_id\nDOID:1\t\nMONDO:1\t\n", "which system"),
        ("x.json", "[]", "one graph"),
        ("x.json", '{"graphs":[{},{}]}', "one graph"),
        ("x.json", '{"graphs":[{"nodes":[1]}]}', "not an OBO Graphs"),
        ("x.json", '{"graphs":[{"nodes":[],"edges":{}}]}', "its edges should be a list"),
        ("x.json", '{"graphs":[{"nodes":"","edges":[]}]}', "its nodes should be a list"),
        ("x.json", '{"graphs":[{"nodes":[],"nodes":[]}]}', "twice"),
        ("x.json", '{"graphs":[{"edges":[{"sub":"DOID:1","pred":"is_a","obj":"DOID:2"}]}]}', "no node"),
        ("x.json", "[" * 100_000, "deeply|not JSON"),
    ],
)
def test_files_that_are_not_what_they_say(tmp_path: Path, name: str, text: str | bytes, says: str) -> None:
    with pytest.raises(DocumentError, match=says):
        read(written(tmp_path, name, text), version="1")


def test_versions_are_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="does not say its version"):
        read(written(tmp_path, "x.tsv", TABLE))
    with pytest.raises(DocumentError, match="not the label of a version"):
        read(written(tmp_path, "x.tsv", TABLE), version="a b")
    with pytest.raises(DocumentError, match="cannot be read"):
        read(tmp_path / "none.tsv")


def test_a_cut_gzip_and_one_that_swells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gzip.compress(OBO.encode())
    path = tmp_path / "cut.obo.gz"
    path.write_bytes(whole[:-20])
    with pytest.raises(DocumentError, match="not a whole gzip"):
        read(path)
    path.write_bytes(b"not gzip at all")
    with pytest.raises(DocumentError, match="not a whole gzip"):
        read(path)
    monkeypatch.setattr(files, "MAX_BYTES", 1024 * 1024)
    for name in ("x.tsv.gz", "x.json.gz"):
        with pytest.raises(DocumentError, match="more than 1 MiB"):
            read(written(tmp_path, name, b"id\tparent_id\n" + b"DOID:1\t\n" * 200_000))


def test_a_merged_term_is_an_obsolete_one_in_both_files_of_a_release(tmp_path: Path) -> None:
    obo = "\ufefffmt: 1\r\n\r\n[Term]\r\nid: DOID:4\r\nname: disease\r\nalt_id: DOID:9 ! merged\r\n\r\n"
    obo += "[Term]\r\nid: DOID:8\r\nis_obsolete: true\r\n"
    iri = "http://purl.obolibrary.org/obo/"
    nodes: list[dict[str, Any]] = [
        {"id": f"{iri}DOID_4", "lbl": "disease", "type": "CLASS"},
        {"id": f"{iri}DOID_8", "type": "CLASS", "meta": {"deprecated": True}},
    ]
    merged = {
        "id": f"{iri}DOID_9",
        "type": "CLASS",
        "meta": {"deprecated": True, "basicPropertyValues": [{"pred": f"{iri}IAO_0100001", "val": f"{iri}DOID_4"}]},
    }
    alternative = {
        "basicPropertyValues": [
            {"pred": "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId", "val": "DOID:9"}
        ]
    }
    (tmp_path / "a.obo").write_bytes(obo.encode())
    (tmp_path / "b.json").write_text(json.dumps({"graphs": [{"nodes": [*nodes, merged]}]}))
    (tmp_path / "c.json").write_text(json.dumps({"graphs": [{"nodes": [{**nodes[0], "meta": alternative}, nodes[1]]}]}))
    found = [read(tmp_path / name, system="DOID", version="1") for name in ("a.obo", "b.json", "c.json")]
    assert [(term.code, term.obsolete, term.replaced_by) for term in found[0].terms] == [
        ("4", False, None),
        ("8", True, None),
        ("9", True, "4"),
    ]
    assert len({one.digest for one in found}) == 1


def as_graphs(*nodes: dict[str, Any], edges: tuple[tuple[str, str], ...] = ()) -> bytes:
    """A release in OBO Graphs."""
    graph = {
        "id": "http://purl.obolibrary.org/obo/doid.owl",
        "meta": {"version": "http://purl.obolibrary.org/obo/doid/releases/2026-07-31/doid.owl"},
        "nodes": [{"type": "CLASS", **node} for node in nodes],
        "edges": [{"sub": sub, "pred": "is_a", "obj": obj} for sub, obj in edges],
    }
    return json.dumps({"graphs": [graph]}).encode()


def replaced_by(term: str) -> dict[str, Any]:
    pred = "http://purl.obolibrary.org/obo/IAO_0100001"
    return {"deprecated": True, "basicPropertyValues": [{"pred": pred, "val": term}]}


def also(term: str) -> dict[str, Any]:
    return {"pred": "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId", "val": term}


RELEASE = "format-version: 1.4\nontology: doid\ndata-version: 2026-07-31\n\n"


@pytest.mark.parametrize(
    ("obo", "graphs", "replaced"),
    [
        (
            "[Term]\nid: DOID:4\nname: d\n\n"
            "[Term]\nid: DOID:6\nname: e\nalt_id: DOID:7\nis_obsolete: true\nreplaced_by: DOID:4\n",
            as_graphs(
                {"id": "DOID:4", "lbl": "d"},
                {
                    "id": "DOID:6",
                    "lbl": "e",
                    "meta": {
                        **replaced_by("DOID:4"),
                        "basicPropertyValues": [*replaced_by("DOID:4")["basicPropertyValues"], also("DOID:7")],
                    },
                },
                {"id": "DOID:7", "meta": replaced_by("DOID:6")},
            ),
            {"6": "4", "7": "4"},
        ),
        (
            '[Term]\nid: DOID:4\nname: d {source="x"} ! said\n\n'
            "[ Term ] ! said\nid: DOID:6 \nname: e ! f\nis_a: DOID:4\n",
            as_graphs({"id": "DOID:4", "lbl": "d"}, {"id": "DOID:6", "lbl": "e"}, edges=(("DOID:6", "DOID:4"),)),
            {},
        ),
        (
            "[Term]\nid: DOID:4\nname: d\nalt_id: DOID:5\n\n"
            "[Term]\nid: DOID:6\nis_obsolete: true\nreplaced_by: DOID:5\n",
            as_graphs(
                {"id": "DOID:4", "lbl": "d", "meta": {"basicPropertyValues": [also("DOID:5")]}},
                {"id": "DOID:5", "meta": replaced_by("http://purl.obolibrary.org/obo/DOID_4")},
                {"id": "DOID:6", "meta": replaced_by("DOID:5")},
            ),
            {"5": "4", "6": "4"},
        ),
    ],
)
def test_both_files_of_one_release_give_one_digest(
    tmp_path: Path, obo: str, graphs: bytes, replaced: dict[str, str]
) -> None:
    (tmp_path / "d.obo").write_text(RELEASE + obo)
    (tmp_path / "d.json").write_bytes(graphs)
    flat, graph = read(tmp_path / "d.obo"), read(tmp_path / "d.json")
    assert flat.digest == graph.digest
    assert {term.code: term.replaced_by for term in flat.terms if term.replaced_by} == replaced


def test_capital_letters_end_a_compressed_file_s_name_too(tmp_path: Path) -> None:
    (tmp_path / "D.OBO.GZ").write_bytes(gzip.compress(f"{RELEASE}[Term]\nid: DOID:4\n".encode()))
    assert [term.code for term in read(tmp_path / "D.OBO.GZ").terms] == ["4"]


@pytest.mark.parametrize("stanza", ["[Term", "[Te rm]", "[]", "[Term]x"])
def test_a_stanza_that_is_none_is_not_left_out_in_silence(tmp_path: Path, stanza: str) -> None:
    (tmp_path / "d.obo").write_text(f"{RELEASE}[Term]\nid: DOID:4\n\n{stanza}\nid: DOID:5\n")
    with pytest.raises(DocumentError, match=r"d\.obo:8: this is no stanza"):
        read(tmp_path / "d.obo")


@pytest.mark.parametrize("node", [{"lbl": ["x"]}, {"meta": {"deprecated": "true"}}, {"meta": {"deprecated": 1}}])
def test_a_member_of_another_kind_is_taken_for_nothing_else(tmp_path: Path, node: dict[str, Any]) -> None:
    (tmp_path / "d.json").write_bytes(as_graphs({"id": "DOID:4", **node}))
    with pytest.raises(DocumentError, match=r"(lbl|deprecated) of a node is no"):
        read(tmp_path / "d.json")


@pytest.mark.parametrize("word", ["is_a", "http://www.w3.org/2000/01/rdf-schema#subClassOf", "rdfs:subClassOf"])
def test_a_parent_is_a_parent_however_the_arrow_is_spelled(tmp_path: Path, word: str) -> None:
    file = tmp_path / "doid.json"
    nodes = [{"id": f"{IRI}DOID_{number}", "type": "CLASS"} for number in (4, 5)]
    edges = [{"sub": f"{IRI}DOID_5", "pred": word, "obj": f"{IRI}DOID_4"}]
    graph = {"id": f"{IRI}doid.owl", "meta": {"version": "1"}, "nodes": nodes, "edges": edges}
    file.write_text(json.dumps({"graphs": [graph]}))
    assert {term.code: term.parents for term in read(file).terms} == {"4": (), "5": ("4",)}
