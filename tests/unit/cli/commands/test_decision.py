"""`medconsent check` and `explain`: what is asked, what is shown and how it ends."""

import json
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.nouns.decisions import Decision, Reason
from medconsent.values.purposes import Purpose
from medconsent_cli.main import run

CHECK = ["check", "hanbit/breast-cancer", "--for", "nuri/kim", "--purpose", "disease", "--disease", "ICD10:C50"]
CHECK += ["--mode", "download"]


@pytest.mark.parametrize(("word", "code"), [("permit", 0), ("deny", 3), ("review", 4), ("perhaps", 1)])
def test_the_exit_code_of_a_decision(
    word: str, code: int, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    check = Recorder(answers.decision(word))
    client.decisions = SimpleNamespace(check=check, explain=Recorder(answers.decision(word)))
    assert run(CHECK) == code
    out = capsys.readouterr().out
    assert out.startswith(f"{word} at 2026-11-24T10:50:10Z\n")
    assert "GRANT_ACTIVE: the grant permits it [use[0]]" in out
    assert check.calls[0][1]["purpose"] == Purpose("disease", ("ICD10:C50",))
    assert run([*CHECK, "--json"]) == code
    assert json.loads(capsys.readouterr().out)["decision"] == word
    assert run(["explain", "a/b@2", "--purpose", "origins", "--mode", "enclave", "--days", "2"]) == code


def test_what_decided_is_read_first(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    codes = ["USE_PERMITTED", "USE_NEEDS_REVIEW", "MODE_NOT_ALLOWED"]
    reasons = tuple(Reason(code, "it is so") for code in codes)
    for word, first in (("permit", 0), ("review", 1), ("deny", 2)):
        found = Decision(word, answers.decision(word).at, reasons)
        client.decisions = SimpleNamespace(check=Recorder(found))
        run(CHECK)
        assert f"- {codes[first]}" in capsys.readouterr().out.splitlines()[1]
