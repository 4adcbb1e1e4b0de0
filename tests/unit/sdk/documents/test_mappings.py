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
