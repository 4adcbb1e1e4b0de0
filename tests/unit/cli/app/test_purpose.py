"""The options that state a purpose."""

from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent import times
from medconsent.values.purposes import Ethics, Purpose
from medconsent_cli.main import run

ASK = ["--purpose", "health-research", "--mode", "enclave"]
SHA = "9f" * 32


def test_every_member_of_a_purpose_can_be_stated(client: SimpleNamespace) -> None:
    check = Recorder(answers.decision("permit"))
    client.decisions = SimpleNamespace(check=check)
    stated = [
        "--methods", "--training", "--linking", "--commercial", "--genetic", "--organisation", "non-profit",
        "--country", "KR", "--country", "JP", "--sensitive", "children", "--project-id", "K-1",
        "--ethics-board", "IRB", "--ethics-number", "7", "--ethics-hash", SHA, "--ethics-until", answers.AT,
    ]  # fmt: skip
    assert run(["check", "a/b", "--for", "a/kim", *ASK, *stated]) == 0
    purpose = check.calls[0][1]["purpose"]
    assert purpose == Purpose(
        "health-research",
        methods_development=True,
        training=True,
        linking=True,
        commercial=True,
        genetic=True,
        organisation="non-profit",
        countries=("KR", "JP"),
        sensitive=("children",),
        ethics=Ethics("IRB", "7", SHA, times.parse_time(answers.AT)),
        project_id="K-1",
    )
    assert Purpose.from_json(purpose.to_json()) == purpose
    assert "by an organisation that is non-profit; in KR JP; sensitive: children" in str(purpose)
    assert Purpose("origins").to_json() == {"kind": "origins"}


def test_half_an_ethics_approval_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "a/b", *ASK, "--ethics-board", "IRB"]) == 2
    assert "--ethics-until" in capsys.readouterr().err
