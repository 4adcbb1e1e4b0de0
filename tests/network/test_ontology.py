"""Hierarchies of disease terms on a real network: loaded by one institution, in force when others adopt, never by one
alone.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from people import USAGE, Person
from scenario import Cast

import medconsent
from medconsent import Contexts, errors
from medconsent.nouns.ontologies import Hierarchy, StatedTerm, read

HEAD = "format-version: 1.4\nontology: doid\ndata-version: {}\n"
TERMS = {
    "DOID:4": ("disease", ()),
    "DOID:162": ("cancer", ("DOID:4",)),
    "DOID:1612": ("breast cancer", ("DOID:162",)),
    "DOID:305": ("carcinoma", ("DOID:162",)),
    "DOID:3459": ("breast carcinoma", ("DOID:1612", "DOID:305")),
    "DOID:1579": ("respiratory system disease", ("DOID:4",)),
    "DOID:2841": ("asthma", ("DOID:1579",)),
}
OBSOLETE = "\n[Term]\nid: DOID:999\nname: obsolete carcinoma\nis_obsolete: true\nreplaced_by: DOID:305\n"


def obo(folder: Path, version: str, **changed: tuple[str, tuple[str, ...]]) -> Path:
    """A small hierarchy as a file; `changed` replaces terms, by code."""
    terms = TERMS | {f"DOID:{code.removeprefix('_')}": term for code, term in changed.items()}
    stanzas = [
        f"\n[Term]\nid: {code}\nname: {name}\n" + "".join(f"is_a: {parent} ! of course\n" for parent in parents)
        for code, (name, parents) in terms.items()
    ]
    path = folder / f"doid-{version}.obo"
    path.write_text(HEAD.format(version) + "".join(stanzas) + OBSOLETE)
    return path


@pytest.fixture(scope="module")
def stewards(cast: Cast) -> dict[str, Person]:
    return {name: cast.enrol(f"{name}/steward", "steward") for name in ("hanbit", "nuri", "saerom")}


def newest(cast: Cast) -> tuple[str, str]:
    """The option that makes a peer wait for what all others have."""
    return "--wait-block", str(max(cast.network.heights().values()) - 1)


def state_of(cast: Cast, person: Person, digest: str) -> dict[str, Any]:
    answer = person.json(*newest(cast), "ontology", "show", "DOID", digest)
    assert isinstance(answer, dict)
    return answer


def test_from_a_file_to_force(cast: Cast, stewards: dict[str, Person], tmp_path: Path) -> None:
    path = obo(tmp_path, "2026-07-31")
    digest = read(path).digest
    kim = cast.people["nuri/kim"]
    kim.refused("FORBIDDEN", "ontology", "load", str(path))

    # loaded by one: there, whole, and not in force
    loaded = stewards["hanbit"].json("ontology", "load", str(path), "--source", "doid.example", "--licence", "CC0 1.0")
    assert (loaded["owner"], loaded["body"]["index"]) == ("hanbit", digest)
    assert (loaded["state"]["terms"], loaded["state"]["in_force"]) == (8, False)
    assert state_of(cast, kim, digest)["adopted_by"] == ["hanbit"]
    term = kim.json("ontology", "term", "DOID:3459", "--digest", digest[:12])
    assert (term["term"]["ancestors"], term["in_force"]) == (["1612", "162", "305", "4"], False)

    # loaded again: the same, and not one record or page more
    again = stewards["hanbit"].json("ontology", "load", str(path), "--source", "elsewhere")
    assert {name: again[name] for name in ("id", "body", "changes")} == {
        name: loaded[name] for name in ("id", "body", "changes")
    }

    # adopted by a second, by the beginning of its digest: in force
    stewards["nuri"].run(*newest(cast), "ontology", "adopt", "DOID", digest[:12])
    state = state_of(cast, stewards["saerom"], digest)
    assert (state["adopted_by"], state["institutions"], state["in_force"]) == (["hanbit", "nuri"], 3, True)
    assert {(one["record"]["owner"], one["record"]["body"]["licence"]) for one in state["records"]} == {
        ("hanbit", "CC0 1.0"),
        ("nuri", "CC0 1.0"),
    }
    assert kim.json("ontology", "show", "DOID")["digest"] == digest
    obsolete = kim.json("ontology", "term", "DOID:999")
    assert (obsolete["term"]["obsolete"], obsolete["replacement"]["code"]) == (True, "305")
    kim.refused("NOT_FOUND", "ontology", "term", "DOID:12")

    # the third loads its own copy of the file, which is an adoption; each version is listed once
    stewards["saerom"].run("ontology", "load", str(path))
    assert state_of(cast, kim, digest)["adopted_by"] == ["hanbit", "nuri", "saerom"]
    listed = kim.json("ontology", "list", "--system", "DOID")["items"]
    assert [one["digest"] for one in listed].count(digest) == 1


def test_everything_is_a_cancer(cast: Cast, stewards: dict[str, Person], tmp_path: Path) -> None:
    """A hierarchy like any other, and a false one: from one institution alone it is never in force."""
    good = obo(tmp_path, "2026-08-31")
    for name in ("hanbit", "nuri"):
        stewards[name].run("ontology", "load", str(good))
    false = obo(tmp_path, "2026-09-30", _2841=("asthma", ("DOID:162",)), _1579=("respiratory", ("DOID:162",)))
    lie = stewards["saerom"].json("ontology", "load", str(false))
    assert lie["state"]["in_force"] is False
    kim = cast.people["nuri/kim"]
    asthma = kim.json(*newest(cast), "ontology", "term", "DOID:2841")
    assert (asthma["version"], asthma["term"]["ancestors"]) == ("2026-08-31", ["1579", "4"])
    named = kim.json("ontology", "term", "DOID:2841", "--digest", lie["body"]["index"])
    assert (named["term"]["ancestors"], named["in_force"]) == (["162", "4"], False)


def test_a_load_is_taken_up_where_it_stopped(cast: Cast, stewards: dict[str, Person], tmp_path: Path) -> None:
    """Thousands of terms, several transactions: the program stops in between, and the next run sends the rest."""
    rows = ["id\tlabel\tparent_id", "MONDO:0000000\tdisease\t"]
    rows += [f"MONDO:{n:07}\ta disease of the kind {n}\tMONDO:{n // 3:07}" for n in range(1, 8000)]
    path = tmp_path / "mondo.tsv"
    path.write_text("\n".join(rows) + "\n")
    whole = read(path, version="generated")
    steward = stewards["nuri"]
    sent: list[int] = []

    def stop_after_two(done: int, _total: int) -> None:
        sent.append(done)
        if len(sent) == 3:
            raise KeyboardInterrupt

    with medconsent.connect(Contexts(steward.home).get()) as client:
        with pytest.raises(KeyboardInterrupt):
            client.ontologies.load(whole, on_progress=stop_after_two)
        assert sent[0] == 0
        assert 0 < sent[1] < sent[2] < len(whole.terms)
        with pytest.raises(errors.NotFound):
            client.ontologies.get("MONDO", whole.digest)

    ran = steward.run("ontology", "load", str(path), "--version", "generated")
    assert whole.digest in ran.stdout
    told: list[tuple[int, int]] = []
    with medconsent.connect(Contexts(steward.home).get()) as client:
        client.ontologies.load(whole, on_progress=lambda done, total: told.append((done, total)))
        assert told == [(8000, 8000)], "nothing is sent twice"
        assert client.ontologies.term("MONDO", "0007999", whole.digest).term == next(
            term for term in whole.terms if term.code == "0007999"
        )


def test_files_that_are_no_hierarchy(cast: Cast, stewards: dict[str, Person], tmp_path: Path) -> None:
    """Told by name, and nothing is sent."""
    before = cast.heights()
    cycle = obo(tmp_path, "cycle", _4=("disease", ("DOID:3459",)))
    ran = stewards["hanbit"].run("--json", "ontology", "load", str(cycle), exit_code=USAGE)
    assert "lies under itself" in ran.error["message"]
    missing = obo(tmp_path, "missing", _5=("x", ("DOID:6",)))
    ran = stewards["hanbit"].run("--json", "ontology", "load", str(missing), exit_code=USAGE)
    assert ran.error["code"] == "DOCUMENT"
    assert "DOID:6" in ran.error["message"]
    stewards["hanbit"].refused("NOT_FOUND", "ontology", "adopt", "DOID", "0" * 64)
    assert cast.heights() == before


def _wrong_ancestors(page: Any) -> None:
    page["terms"][2]["ancestors"] = ["1", "2"]


def _swapped(page: Any) -> None:
    page["terms"].reverse()


@pytest.mark.parametrize("spoil", [_wrong_ancestors, _swapped])
def test_a_client_that_computes_ancestors_of_its_own(
    cast: Cast, stewards: dict[str, Person], spoil: Callable[[Any], None]
) -> None:
    """What the SDK computes, the contract computes again: pages that do not fit are never published."""
    stated = [StatedTerm(f"DOID:{n}", "", ("DOID:1",) if n > 1 else ()) for n in range(1, 5)]
    page = Hierarchy.of(stated, system="DOID", version="1").pages[0].content()
    spoil(page)
    with medconsent.connect(Contexts(stewards["hanbit"].home).get()) as client:
        run, session = client._gateway._driver.run, client._session
        kept, _ = run(session.change("ontology.page", {"pages": [page]}, ["hanbit"]))
        before = cast.heights()["hanbit"]
        argument = {"system": "DOID", "version": "1", "pages": [kept["pages"][0]["sha256"]]}
        with pytest.raises(errors.Invalid) as caught:
            run(session.change("ontology.publish", argument, ["hanbit"]))
    assert caught.value.details[0]["term"]
    assert cast.heights()["hanbit"] == before
