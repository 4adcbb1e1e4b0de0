"""`medconsent policy diff`, and what is asked before a policy ends requests and grants."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
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
from medconsent.values.requests import RequestView
from medconsent_cli.main import run

COMPARED = {
    "dataset": "a/b", "from": 1, "removed": ["Old."], "added": ["New."], "narrower": True, "wider": [],
    "existing": {"than": [1], "narrower": True, "wider": []},
}  # fmt: skip


def ending(becomes: str = "narrowed") -> EndingGrant:
    why = [answers.reason(message=f"{word} is more than this policy allows") for word in ("one", "two", "three")]
    return EndingGrant(answers.grant().grant, "active", becomes, tuple(Reason.from_json(it) for it in why))


def asked(**states: int) -> Recorder:
    """The method `requests.iterate` of an owner who has so many requests for a/b, by state, and one for another."""

    def iterate(*, owner: str, state: str) -> Iterator[RequestView]:
        assert owner == "a"
        for dataset in ("a/b",) * states.get(state.replace("-", "_"), 0) + ("a/other",):
            found = answers.request(state=state)
            yield replace(found, request=replace(found.request, dataset=dataset))

    return Recorder(iterate)


def test_what_ends_is_told_and_asked_first(
    client: SimpleNamespace,
    piped: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = str(answers.EXAMPLES / "policy.yaml")
    diff = Recorder(PolicyDiff.from_json(COMPARED))
    written = answers.written_policy(file)
    client.policies = SimpleNamespace(
        diff=diff, iterate_ends=Recorder([ending()]), set=Recorder(written), get=Recorder(written.answer)
    )
    client.requests = SimpleNamespace(iterate=asked(submitted=40, in_review=7, returned=1))
    narrowing = ["policy", "set", "a/b", "--policy", file, "--applies", "existing"]
    piped(b"n\n", terminal=True)
    assert run(narrowing) == 2
    told = capsys.readouterr()
    assert f"{file}, compared with policy 1 of a/b\n- Old.\n+ New.\n" in told.err
    assert "one is more than this policy allows; two is more than this\n" in told.err
    assert "48 undecided requests would lapse when it is set (40 submitted, 7 in-review, 1 returned)\n" in told.err
    assert "1 grant would end, if it applied to existing ones:\n" in told.err
    client.policies.iterate_ends.answer = [ending(), ending("suspended")]
    piped(b"n\n", terminal=True)
    assert run(narrowing) == 2
    told = capsys.readouterr()
    assert "1 grant would end, and 1 grant would be suspended, if it applied to existing ones:\n" in told.err
    assert "  suspended  " in told.err
    assert told.out == ""
    assert diff.calls[0] == (("a/b", None), {"policy": load_yaml(Path(file))})
    assert not client.policies.set.calls
    for command in (narrowing, narrowing[:-2]):  # it is asked whether or not it applies to existing grants
        piped(b"", terminal=False)
        assert run(command) == 2
        assert "48 undecided requests" in capsys.readouterr().err
        assert run(["--json", *command]) == 2
        assert capsys.readouterr().err.startswith('{\n  "error"')
        assert not client.policies.set.calls
    piped(b"y\n", terminal=True)
    assert run(narrowing) == 0
    assert client.policies.set.calls[0][1] == {"applies": "existing", "shown": written.answer.digest}
    before = len(diff.calls)
    piped(b"", terminal=False)
    capsys.readouterr()
    assert run([*narrowing, "--yes"]) == 0
    assert "with it: 48 undecided requests lapsed (40 submitted, 7 in-review, 1 returned)\n" in capsys.readouterr().out
    assert client.policies.set.calls[1][1] == {"applies": "existing", "shown": None}
    assert len(diff.calls) == before
    # what cannot apply is not asked about: the contract refuses it
    diff.answer = PolicyDiff.from_json(
        COMPARED | {"existing": {"than": [1], "narrower": False, "wider": [answers.reason()]}}
    )
    piped(b"", terminal=True)
    assert run(narrowing) == 0
    assert len(client.policies.set.calls) == 3


def test_a_file_is_compared_with_what_stands(
    client: SimpleNamespace,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = str(answers.EXAMPLES / "policy.yaml")
    stands = Recorder(answers.written_policy(file).answer)
    client.policies = SimpleNamespace(
        diff=Recorder(PolicyDiff.from_json(COMPARED)), iterate_ends=Recorder([]), get=stands
    )
    client.requests = SimpleNamespace(iterate=asked())
    assert run(["policy", "diff", "a/b", file]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{file}, compared with policy 1 of a/b",
        "- Old.",
        "+ New.",
        f"{file} is narrower than 1",
        "such a policy can apply to existing grants: for that it has to be narrower than 1",
        "no request is undecided",
        "0 grants would end, if it applied to existing ones",
    ]
    client.policies.iterate_ends.answer = [ending()]
    client.requests.iterate = asked(submitted=1)
    assert run(["policy", "diff", "a/b", "1", file, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told.items() >= COMPARED.items()
    assert "to" not in told
    assert told["lapses"] == {"submitted": 1}
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
