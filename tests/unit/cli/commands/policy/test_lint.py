"""`medconsent policy lint`: the file is checked before anything is sent, and said in words."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder

from medconsent.policies import (
    Lint,
    load_yaml,
)
from medconsent_cli.main import run

ASK = ["--purpose", "health-research", "--mode", "enclave"]


def test_lint_says_it_in_words(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    found = Lint.from_json({"words": ["Permitted: any use."], "unmeetable": [], "contradictions": [], "ontologies": []})
    client.policies = SimpleNamespace(lint=Recorder(found))
    file = str(answers.EXAMPLES / "open-research.yaml")
    assert run(["policy", "lint", file]) == 0
    assert capsys.readouterr().out == "Permitted: any use.\n"
    wrong = {"words": [], "unmeetable": [answers.reason(message="too few")], "contradictions": [answers.reason()]}
    client.policies = SimpleNamespace(lint=Recorder(Lint.from_json(wrong)))
    assert run(["policy", "lint", file]) == 5
    assert "  - too few [use[0].limits[0]]" in capsys.readouterr().out
    assert run(["policy", "lint", file, "--json"]) == 5
    assert json.loads(capsys.readouterr().out)["contradictions"][0]["code"] == "LIMIT_NOT_MET"


def test_lint_checks_the_file_before_anything_is_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "p.yaml"
    file.write_text((answers.EXAMPLES / "open-research.yaml").read_text().replace("GRU", "XYZ"))
    assert run(["policy", "lint", str(file)]) == 2
    assert f"{file}:3:17: permission should be one of NRES, GRU" in capsys.readouterr().err


def linted(*words: str, **more: Any) -> Lint:
    return Lint.from_json({"words": [*words], "unmeetable": [], "contradictions": [], "ontologies": [], **more})


def test_a_policy_is_read_from_stdin(
    client: SimpleNamespace,
    piped: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    client.policies = SimpleNamespace(lint=Recorder(linted("Permitted: any use.")))
    file = answers.EXAMPLES / "open-research.yaml"
    piped(file.read_bytes())
    assert run(["policy", "lint", "-"]) == 0
    assert client.policies.lint.calls[0][0] == (load_yaml(file),)
    piped(b"use: 1")
    assert run(["policy", "lint", "-"]) == 2
    assert "stdin:1:" in capsys.readouterr().err
    piped(b"#" * 100_000)
    assert run(["policy", "lint", "-"]) == 2
    assert "stdin: a policy has at most 64 KiB" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["lint"], ["explain"], ["offer"], ["set", "a/b", "--policy"]])
def test_what_is_no_regular_file_is_not_waited_for(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "p.yaml")
    more = {"explain": ASK, "offer": ["--dataset", "ct"]}.get(command[0], [])
    assert run(["policy", *command, str(tmp_path / "p.yaml"), *more]) == 2
    assert "it is not a regular file" in capsys.readouterr().err


def mondo(tmp_path: Path) -> str:
    text = (answers.EXAMPLES / "policy.yaml").read_text()
    assert "ICD10:C50" in text
    (tmp_path / "p.yaml").write_text(text.replace("ICD10:C50", "MONDO:0007254"))
    return str(tmp_path / "p.yaml")


def test_a_hierarchy_that_is_not_in_force_is_warned_of(
    client: SimpleNamespace,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = mondo(tmp_path)
    client.policies = SimpleNamespace(lint=Recorder(linted("x")), set=Recorder(answers.written_policy(file)))
    for command in (["lint", file], ["set", "a/b", "--policy", file, "--yes"]):
        assert run(["policy", *command]) == 0
        out, err = capsys.readouterr()
        assert "warning: no version of MONDO is in force" in err
        assert "goes by" not in out
    pinned = [{"system": "MONDO", "digest": "d1" * 32}]
    client.policies = SimpleNamespace(
        lint=Recorder(linted("x", ontologies=pinned)), set=Recorder(answers.written_policy(file, ontologies=pinned))
    )
    for command in (["lint", file], ["set", "a/b", "--policy", file, "--yes"]):
        assert run(["policy", *command]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        assert "goes by  MONDO d1d1d1d1d1d1\n" in out
