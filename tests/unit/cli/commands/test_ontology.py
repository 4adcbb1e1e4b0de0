"""What `medconsent ontology` reads, sends and shows. The SDK's client is replaced; its values are real."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import answers
import pytest

from medconsent.nouns.ontologies import Hierarchy, Ontology, OntologyState, OntologyTerm, Term
from medconsent.values.records import ForgedRecord, Written
from medconsent_cli.app.state import App
from medconsent_cli.main import run

DIGEST = "fd" * 32
RECORD = answers.view(
    "ontology",
    f"DOID/{DIGEST}/hanbit",
    {"system": "DOID", "index": DIGEST, "source": "a\u202efile", "licence": "CC0 1.0"},
    status="active",
)
TABLE = "id\tlabel\tparent_id\nDOID:4\tdisease\t\nDOID:162\tcancer\tDOID:4\nHP:1\tother\t\n"


def state(digest: str = DIGEST, **more: Any) -> OntologyState:
    members = {
        "system": "DOID", "digest": digest, "version": "2026-07-31", "terms": 12247, "pages": 192, "institutions": 3,
        "in_force": True, "adopted_by": ["hanbit", "nuri"], "records": [RECORD],
    }  # fmt: skip
    return OntologyState.from_json({**members, **more})


class Ontologies:
    """Remembers what it is asked."""

    def __init__(self) -> None:
        self.called: list[tuple[Any, ...]] = []
        self.loaded: Hierarchy | None = None
        self.interrupted = False

    def load(self, hierarchy: Hierarchy, on_progress: Any) -> Written[Ontology]:
        self.loaded = hierarchy
        if self.interrupted:
            raise KeyboardInterrupt
        on_progress(1, 2)
        on_progress(2, 2)
        return Written(Ontology.from_json(RECORD["record"]), "c3" * 32, 7)

    def adopt(self, system: str, digest: str) -> Written[Ontology]:
        self.called.append(("adopt", system, digest))
        return Written(Ontology.from_json(RECORD["record"]), "c3" * 32, 7)

    def get(self, system: str, digest: str | None = None) -> OntologyState:
        self.called.append(("get", system, digest))
        return state()

    def term(self, system: str, code: str, digest: str | None = None) -> OntologyTerm:
        self.called.append(("term", system, code, digest))
        old = Term(code, "old cancer", obsolete=True, replaced_by="162")
        return OntologyTerm(system, DIGEST, "1", False, old, Term("162", "cancer", ("4",), ("4",)))

    def iterate(self, *, system: str | None = None, on_forged: Any = None) -> Iterator[OntologyState]:
        if on_forged:
            on_forged(ForgedRecord("ontology/DOID/x", "it carries no seal of nuri"))
        yield state()
        yield state("fe" * 32, in_force=False, adopted_by=[])


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Ontologies:
    """The ontologies of the client that commands get."""
    nouns = Ontologies()

    @contextmanager
    def connect(_app: App) -> Iterator[Any]:
        yield SimpleNamespace(institution="hanbit", ontologies=nouns, wait_for_block=lambda _number: None, behind=0)

    monkeypatch.setattr(App, "connect", connect)
    monkeypatch.setattr(sys, "stdin", StringIO())
    return nouns


def test_a_file_is_loaded_and_what_was_left_out_is_told(
    found: Ontologies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "doid.tsv"
    path.write_text(TABLE)
    command = ["ontology", "load", str(path), "--system", "DOID", "--version", "1", "--licence", "CC0"]
    assert run(command) == 0
    assert found.loaded is not None
    assert (found.loaded.system, found.loaded.version, found.loaded.licence) == ("DOID", "1", "CC0")
    assert found.called == [("get", "DOID", found.loaded.digest)]
    shown = capsys.readouterr()
    assert "in force    yes: adopted by 2 of 3 institutions" in shown.out
    assert "left out: terms of other systems: 1" in shown.out
    assert "source      a\\u202efile" in shown.out
    assert "committed in block 7" in shown.out
    assert not shown.err
    assert run([*command, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["body"]["index"] == DIGEST
    assert answer["state"]["in_force"] is True
    assert answer["left_out"] == ["terms of other systems: 1"]


def test_the_bar_counts_terms(
    found: Ontologies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "doid.tsv"
    path.write_text(TABLE)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert run(["ontology", "load", str(path), "--system", "DOID", "--version", "1"]) == 0
    assert "DOID 1  [####################################]  2/2" in capsys.readouterr().err


def test_a_file_that_cannot_be_used(found: Ontologies, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "doid.tsv"
    path.write_text("id\tparent_id\nDOID:1\tDOID:2\n")
    assert run(["ontology", "load", str(path), "--version", "1"]) == 2
    assert f"{path}:2: DOID:1 has the parent DOID:2, which is not in the file" in capsys.readouterr().err
    assert found.loaded is None


def test_a_load_that_was_interrupted_can_be_repeated(
    found: Ontologies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "doid.tsv"
    path.write_text(TABLE)
    found.interrupted = True
    assert run(["ontology", "load", str(path), "--system", "DOID", "--version", "1"]) == 7
    assert "the same command can be repeated safely" in capsys.readouterr().err


def test_digests_may_be_cut(found: Ontologies, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ontology", "adopt", "DOID", "fdfdfd"]) == 0
    assert run(["ontology", "show", "DOID", "fefefe"]) == 0
    assert run(["ontology", "show", "DOID"]) == 0
    assert run(["ontology", "show", "DOID", DIGEST]) == 0
    asked = [("adopt", "DOID", DIGEST), ("get", "DOID", DIGEST), ("get", "DOID", "fe" * 32)]
    assert found.called == [*asked, ("get", "DOID", None), ("get", "DOID", DIGEST)]
    for wrong, says in (("fd", "too short"), ("123456", "no versions of DOID"), ("f", "too short")):
        assert run(["ontology", "show", "DOID", wrong]) == 2
        assert says in capsys.readouterr().err


def test_versions_are_listed_and_forged_records_named(found: Ontologies, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ontology", "list"]) == 0
    shown = capsys.readouterr()
    assert "DOID    2026-07-31  fdfdfdfdfdfd  12247  yes       hanbit, nuri" in shown.out
    assert "fefefefefefe  12247  no" in shown.out
    assert "forged, counts for nothing: ontology/DOID/x" in shown.err


def test_an_obsolete_term_says_what_replaces_it(found: Ontologies, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ontology", "term", "DOID:999", "--digest", "fdfdfd"]) == 0
    out = capsys.readouterr().out
    assert found.called == [("term", "DOID", "999", DIGEST)]
    assert "obsolete  yes" in out
    assert "replaced by  DOID:162 cancer" in out
    assert "1 (not in force)" in out
    assert run(["ontology", "term", "999"]) == 2
