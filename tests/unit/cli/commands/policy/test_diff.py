"""`medconsent policy diff`, and what is asked before a policy ends grants."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.nouns.decisions import Reason
from medconsent.policies import (
    EndingGrant,
    PolicyDiff,
    load_yaml,
)
from medconsent_cli.main import run

COMPARED = {
    "dataset": "a/b", "from": 1, "removed": ["Old."], "added": ["New."], "narrower": True, "wider": [],
    "existing": {"than": [1], "narrower": True, "wider": []},
}  # fmt: skip


def ending() -> EndingGrant:
    why = [answers.reason(message=f"{word} is more than this policy allows") for word in ("one", "two", "three")]
    return EndingGrant(answers.grant().grant, "active", tuple(Reason.from_json(it) for it in why))


def test_what_ends_grants_is_told_and_asked_on_a_terminal(
    client: SimpleNamespace,
    piped: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = str(answers.EXAMPLES / "policy.yaml")
    diff = Recorder(PolicyDiff.from_json(COMPARED))
    client.policies = SimpleNamespace(
        diff=diff, iterate_ends=Recorder([ending()]), set=Recorder(answers.written_policy(file))
    )
    narrowing = ["policy", "set", "a/b", "--policy", file, "--applies", "existing"]
    piped(b"n\n", terminal=True)
    assert run(narrowing) == 2
    told = capsys.readouterr()
    assert f"{file}, compared with policy 1 of a/b\n- Old.\n+ New.\n" in told.err
    assert "one is more than this policy allows; two is more than this\n" in told.err
    assert told.out == ""
    assert diff.calls[0] == (("a/b", None), {"policy": load_yaml(Path(file))})
    assert not client.policies.set.calls
    piped(b"y\n", terminal=True)
    assert run(narrowing) == 0
    asked = len(diff.calls)
    for arguments, terminal in (([*narrowing, "--yes"], True), (narrowing, False), (narrowing[:-2], True)):
        piped(b"", terminal=terminal)
        assert run(arguments) == 0
    assert len(diff.calls) == asked
    assert len(client.policies.set.calls) == 4
    # what cannot apply is not asked about: the contract refuses it
    diff.answer = PolicyDiff.from_json(
        COMPARED | {"existing": {"than": [1], "narrower": False, "wider": [answers.reason()]}}
    )
    piped(b"", terminal=True)
    assert run(narrowing) == 0
    assert len(client.policies.iterate_ends.calls) == 2


def test_a_file_is_compared_with_what_stands(
    client: SimpleNamespace,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = str(answers.EXAMPLES / "policy.yaml")
    client.policies = SimpleNamespace(diff=Recorder(PolicyDiff.from_json(COMPARED)), iterate_ends=Recorder([]))
    assert run(["policy", "diff", "a/b", file]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{file}, compared with policy 1 of a/b",
        "- Old.",
        "+ New.",
        f"{file} is narrower than 1",
        "such a policy can apply to existing grants: for that it has to be narrower than 1",
        "grants that it would end, if it applied to them: none",
    ]
    client.policies.iterate_ends.answer = [ending()]
    assert run(["policy", "diff", "a/b", "1", file, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told.items() >= COMPARED.items()
    assert "to" not in told
    assert [it["state"] for it in told["ends"]] == ["active"]
    assert client.policies.diff.calls[1][0] == ("a/b", 1)
    client.policies.diff.answer = PolicyDiff.from_json({**COMPARED, "existing": None})
    assert run(["policy", "diff", "a/b", file, "--json"]) == 0
    assert "ends" not in json.loads(capsys.readouterr().out)
    for wrong in ([file, "1"], ["1", "2", "3"], ["0", file], ["0"], [file, file], ["-1"]):
        assert run(["policy", "diff", "a/b", *wrong]) == 2


def test_diff_says_it_in_words(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    answer = {"dataset": "a/b", "from": 1, "to": 2, "removed": ["old"], "added": ["new"], "narrower": True, "wider": []}
    diff = Recorder(PolicyDiff.from_json(answer))
    client.policies = SimpleNamespace(diff=diff)
    assert run(["policy", "diff", "a/b", "1", "2"]) == 0
    assert diff.calls[0][0] == ("a/b", 1, 2)
    assert capsys.readouterr().out.splitlines() == [
        "policy 2 of a/b, compared with 1",
        "- old",
        "+ new",
        "2 is narrower than 1",
    ]
    existing = {"than": [2, 1], "narrower": False, "wider": []}
    answer |= {
        "from": 2,
        "to": 3,
        "narrower": False,
        "wider": [{"code": "X", "message": "longer"}],
        "existing": existing,
    }
    diff.answer = PolicyDiff.from_json(answer)
    assert run(["policy", "diff", "a/b"]) == 0
    told = capsys.readouterr().out
    assert "3 is not narrower than 2:" in told
    assert "such a policy cannot apply to existing grants: for that it has to be narrower than 2 and 1" in told
    diff.answer = PolicyDiff.from_json(
        answer | {"from": 3, "narrower": True, "removed": [], "added": [], "wider": [], "existing": None}
    )
    assert run(["policy", "diff", "a/b", "3", "3"]) == 0
    assert capsys.readouterr().out.splitlines() == ["policy 3 of a/b, compared with 3", "they say the same"]
