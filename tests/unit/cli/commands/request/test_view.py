"""A request as people are shown it."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder, listing

from medconsent.errors import Unreachable
from medconsent.nouns.decisions import Decision
from medconsent.nouns.policies import Lint
from medconsent_cli.main import run


def test_what_is_left_to_people_is_shown_before_they_vote(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    why = [
        {
            "code": "LIMIT_NEEDS_REVIEW",
            "message": "whether it is of this kind: recurrence",
            "clause": "use[0].limits[0]",
        },
        {"code": "USE_PERMITTED", "message": "every disease asked for is an allowed one", "clause": "use[0]"},
    ]
    review = {"decision": "review", "at": answers.AT, "reasons": why, "claimed": ["countries"]}
    explain = Recorder(Decision.from_json(review))
    client.decisions = SimpleNamespace(explain=explain)
    client.requests = SimpleNamespace(get=Recorder(answers.request()), approve=Recorder(answers.approved()))
    for command in (["request", "show", "3f9a"], ["request", "approve", "3f9a", "--yes"]):
        assert run(command) == 0
        told = capsys.readouterr().out
        assert "for people to judge    whether it is of this kind: recurrence\n" in told
        assert "only claimed           countries\n" in told
        assert "for it                 every disease asked for is an allowed one\n" in told
    asked = answers.request().request
    assert explain.calls[0] == (
        (asked.dataset,),
        {
            "version": asked.version,
            "purpose": asked.purpose,
            "mode": asked.mode,
            "duration": asked.duration_seconds,
            "institution": asked.requester.institution,
            "researchers": asked.researchers,
        },
    )
    # a request that is decided is judged no more, and one whose policy cannot be read is shown all the same
    client.requests.get.answer = answers.request(state="approved")
    assert run(["request", "show", "3f9a"]) == 0
    assert len(explain.calls) == 2

    def down(*_arguments: Any, **_options: Any) -> Any:
        raise Unreachable("no peer answers")

    client.decisions.explain = down
    client.requests.get.answer = answers.request()
    assert run(["request", "show", "3f9a"]) == 0
    assert "for people to judge" not in capsys.readouterr().out


def test_whoever_votes_reads_the_title_and_the_policy_in_words(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answers.dataset()
    client.datasets = SimpleNamespace(get=Recorder(found))
    words = ("Research on the diseases ICD10:C50.", "Two of hanbit/dac approve.")
    client.policies = SimpleNamespace(lint=Recorder(Lint(words)), get=Recorder(found.policy))
    client.requests = SimpleNamespace(get=Recorder(answers.request()), approve=Recorder(answers.approved()))
    for command in (["request", "show", "3f9a"], ["request", "approve", "3f9a", "--yes"]):
        assert run(command) == 0
        told = capsys.readouterr().out
        assert "title                  Wisconsin\n" in told
        assert "policy                 hanbit/breast-cancer#1\n" + "".join(f"{'':23}{it}\n" for it in words) in told
    assert not client.policies.get.calls
    # it is judged by the policy that it was made under, whichever stands by now
    client.datasets.get.answer = replace(found, policy=replace(found.policy, version=2))
    assert run(["request", "show", "3f9a"]) == 0
    assert client.policies.get.calls == [(("hanbit/breast-cancer", 1), {})]


def test_a_request_says_whom_it_waits_for(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.requests = SimpleNamespace(get=Recorder(answers.request()))
    assert run(["request", "show", "a1a1a1"]) == 0
    out = capsys.readouterr().out
    assert "waits for              hanbit/dac: 1 more (1 of 2 approvals; 3 seated)" in out
    assert "                       saerom/ethics: 1 (0 of 1 approval; 1 seated)" in out
    for digest in answers.DIGESTS.values():
        assert f"  {digest[:12]}\n" in out
        assert digest not in out
    assert run(["--json", "request", "show", "a1a1a1"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": answers.request().id, **answers.request().to_json()}


def test_a_request_says_who_is_waited_for_and_since_when(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    later = answers.stage(institution="saerom", role="ethics", open=False, step=2, since=None, waits_for=[])
    shown = answers.request(waits_for=[answers.stage(rule="majority"), later])
    client.requests = SimpleNamespace(get=Recorder(shown), iterate=Recorder(listing([shown])))
    assert run(["request", "show", "a1a1a1"]) == 0
    out = capsys.readouterr().out
    assert "hanbit/dac: 1 more (1 of 2 approvals, by majority; 3 seated) since 2026-11-24T10:50:10Z: lee, park" in out
    assert "saerom/ethics: opens after the steps before (2 approvals; step 2)" in out
    assert run(["request", "list"]) == 0
    assert "hanbit/dac (1)  2026-11-24T10:50:10Z" in capsys.readouterr().out


def test_a_returned_request_waits_for_its_requester(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.requests = SimpleNamespace(get=Recorder(answers.request(state="returned")))
    assert run(["request", "show", "a1a1a1"]) == 0
    assert "nuri/kim to amend it" in capsys.readouterr().out


def test_votes_on_what_was_amended_are_marked(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    def vote(number: int, kind: str, digest: str) -> dict[str, Any]:
        view: dict[str, Any] = answers.vote().to_json()
        view["record"]["id"] = f"{number:064x}"
        letter = {"board": "IRB", "number": str(number), "sha256": "9" * 64, "valid_until": answers.AT}
        view["record"]["body"] |= {"vote": kind, "request_digest": digest, "attestation": letter}
        return view

    now, before = answers.DIGESTS["request"], "c7" * 32
    votes = [vote(1, "approve", before), vote(2, "recuse", before), vote(3, "approve", now)]
    client.requests = SimpleNamespace(get=Recorder(answers.request(votes=votes)))
    assert run(["request", "show", "a1a1a1"]) == 0
    out = capsys.readouterr().out
    assert out.count("approve  before the amendment  hanbit/lee") == 1
    assert out.count("before the amendment") == 1
    assert "IRB, 1," not in out
    assert "IRB, 3, until 2026-11-24T10:50:10Z, letter 999999999999, by hanbit/lee" in out
