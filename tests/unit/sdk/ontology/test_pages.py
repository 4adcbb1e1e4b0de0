"""The pages of a hierarchy: those of the reference, bounded, with all that lies above each term."""

import hashlib
from pathlib import Path

import pytest
from hierarchies import TABLE, by_code, written
from hypothesis import given, settings
from hypothesis import strategies as st

from medconsent.errors import DocumentError
from medconsent.ontology import files
from medconsent.ontology.files import read
from medconsent.ontology.pages import PAGE_BYTES, PAGE_TERMS, Hierarchy, StatedTerm


def test_too_many_terms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_TERMS", 3)
    with pytest.raises(DocumentError, match="more than 3 terms"):
        read(written(tmp_path, "x.tsv", TABLE), version="1")


def test_names_are_tidied() -> None:
    stated = [StatedTerm("DOID:1", " a\u00a0\u200bb\tc\u202e e\u0301\u3164\n")]
    assert Hierarchy.of(stated, system="DOID", version="1").terms[0].name == "a b c é"


def test_pages_are_those_of_the_reference() -> None:
    """The bytes and the digest that any client has to get (docs/contract.md, "Ontologies")."""
    stated = [
        StatedTerm("DOID:4", 'dis"ease'),
        StatedTerm("DOID:162", "크론", ("DOID:4",)),
        StatedTerm("DOID:7", obsolete=True, replaced_by=("DOID:4",)),
    ]
    found = Hierarchy.of(stated, system="DOID", version="1")
    page = (
        '{"system":"DOID","terms":[{"ancestors":["4"],"code":"162","name":"크론","parents":["4"]},'
        '{"ancestors":[],"code":"4","name":"dis\\"ease","parents":[]},'
        '{"ancestors":[],"code":"7","obsolete":true,"parents":[],"replaced_by":"4"}]}'
    ).encode()
    assert [one.data for one in found.pages] == [page]
    sha256 = hashlib.sha256(page).hexdigest()
    index = f'{{"pages":[{{"first":"162","sha256":"{sha256}"}}],"system":"DOID","terms":3,"version":"1"}}'
    assert found.digest == hashlib.sha256(index.encode()).hexdigest()


def test_pages_are_bounded() -> None:
    stated = [StatedTerm(f"DOID:{n:05}", "가" * 500, (f"DOID:{n - 1:05}",) if n else ()) for n in range(300)]
    pages = Hierarchy.of(stated, system="DOID", version="1").pages
    assert sum(page.count for page in pages) == 300
    assert all(page.count <= PAGE_TERMS and len(page.data) <= PAGE_BYTES for page in pages)
    assert any(page.count < PAGE_TERMS for page in pages[:-1]), "long terms close a page early"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_ancestors_are_what_lies_above(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 40))
    order = data.draw(st.permutations(range(size)))
    parents = {
        node: data.draw(st.sets(st.sampled_from(order[:position]), max_size=4)) if position else set()
        for position, node in enumerate(order)
    }
    stated = [StatedTerm(f"MONDO:{node:03}", "", tuple(f"MONDO:{up:03}" for up in parents[node])) for node in parents]
    found = by_code(Hierarchy.of(stated, system="MONDO", version="1"))

    def above(node: int) -> set[int]:
        return parents[node].union(*(above(up) for up in parents[node]))

    for node in parents:
        assert found[f"{node:03}"].ancestors == tuple(sorted(f"{up:03}" for up in above(node)))
    again = Hierarchy.of(reversed(stated), system="MONDO", version="1")
    assert again.digest == Hierarchy.of(stated, system="MONDO", version="1").digest
