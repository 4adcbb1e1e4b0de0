"""`medconsent basis` and `ground`: documents are named by their hashes, and a ground names something."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.nouns.bases import Basis
from medconsent.nouns.grounds import Ground
from medconsent.values.records import Written
from medconsent_cli.main import run

COHORT = "hanbit/oncology"


def test_a_basis_names_its_documents_by_hash(
    folder: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "plan").write_text("plan")
    (folder / "notice").write_text("notice")
    body = {"code": "KR-PIPA-28-2", "document": {"title": "Plan", "sha256": "9f" * 32}}
    written = Basis.from_json(answers.view("basis", "hanbit/p", body, status="active"))
    client.bases = SimpleNamespace(set=Recorder(Written(written, answers.TX, 9)))
    command = ["basis", "set", "p", "--code", "KR-PIPA-28-2", "--document", "plan", "--title", "Plan"]
    assert run([*command, "--notice", "notice"]) == 2
    notice = ["--notice", "notice", "--notice-url", "https://h.example/n", "--notice-since", answers.AT]
    assert run([*command, *notice]) == 0
    new = client.bases.set.calls[0][0][1]
    assert new.document.sha256 == hashlib.sha256(b"plan").hexdigest()
    assert new.notice.sha256 == hashlib.sha256(b"notice").hexdigest()
    assert "objection  none" in capsys.readouterr().out


def test_a_ground_names_something(client: SimpleNamespace) -> None:
    body = {"dataset": "hanbit/bc", "version": 1, "version_digest": "9f" * 32, "cohorts": [COHORT]}
    written = Ground.from_json(answers.view("ground", "hanbit/bc@1", body, status="active"))
    client.grounds = SimpleNamespace(set=Recorder(Written(written, answers.TX, 9)))
    assert run(["ground", "set", "hanbit/bc"]) == 2
    assert run(["ground", "set", "hanbit/bc@1", "--cohort", COHORT]) == 0
    assert client.grounds.set.calls[0][1] == {"version": 1, "cohorts": (COHORT,), "bases": ()}
