"""YAML documents whose shape the contract judges: read as they seem."""

import pytest

from medconsent.documents.mappings import dump_mapping, load_mapping
from medconsent.errors import DocumentError


def test_yaml_documents_say_what_they_seem_to_say(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text("term: NO\nlist: [a, b]\n")
    assert load_mapping(file) == {"term": "NO", "list": ["a", "b"]}
    file.write_text(dump_mapping({"b": [{"x": 1}], "a": "NO"}))
    assert load_mapping(file) == {"b": [{"x": 1}], "a": "NO"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: 1\na: 2\n", "twice"),
        ("a: &x 1\nb: *x\n", "anchors"),
        ("a: !!python/object:os.system 1\n", "tags"),
        ("%YAML 1.1\n---\na: 1\n", "directives"),
        ("- a\n", "mapping"),
        ("a: [\n", "not YAML"),
        ("a: " + "x" * 70_000, "KiB"),
    ],
)
def test_yaml_that_could_mislead_is_refused(tmp_path, text, why):
    file = tmp_path / "s.yaml"
    file.write_text(text)
    with pytest.raises(DocumentError, match=why):
        load_mapping(file)


def test_every_place_of_a_draft_is_told_with_its_line(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text("a: x\nb:\n- c: to fill in (by whom)\n  d: 1\ne: TO FILL IN\n")
    assert load_mapping(file)["e"] == "TO FILL IN"
    with pytest.raises(DocumentError) as refused:
        load_mapping(file, "statement", unfinished="TO FILL IN")
    assert (refused.value.line, refused.value.message) == (3, "the statement is a draft: b[0].c is to be filled in")
    assert refused.value.others == ("5:4: e is to be filled in",)
