"""`medconsent proposal`: what waits is shown in words before it is confirmed, and every change says that it waits."""

import json
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder, listing

from medconsent.nouns.proposals import Confirmed, ProposalView
from medconsent.values.records import Proposal, Written
from medconsent_cli.main import run

ID = "f1" * 32
WIDENS = "kim sits on hanbit/dac, by the key " + "9f" * 32


def proposal(status: str = "proposed") -> Proposal:
    body = {
        "institution": "hanbit",
        "function": "committee.set",
        "argument": "{}",
        "widens": [WIDENS],
        "proposed_by": {"institution": "hanbit", "id": "park"},
    }
    return Proposal.from_json(answers.view("proposal", ID, body, status=status))


def view(**more: Any) -> ProposalView:
    return ProposalView(proposal(), "proposed", **more)


def test_what_is_confirmed_is_shown_and_asked(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    shown = view()
    client.proposals = SimpleNamespace(
        get=Recorder(shown), confirm=Recorder(answers.written(Confirmed(proposal("confirmed"), {"id": "x"})))
    )
    assert run(["proposal", "confirm", "f1f1f1"]) == 2  # nobody is there to ask
    told = capsys.readouterr()
    assert f"widens       {WIDENS}" in told.out
    assert "--yes" in told.err
    assert not client.proposals.confirm.calls
    assert run(["proposal", "confirm", "f1f1f1", "--yes"]) == 0
    assert client.proposals.confirm.calls == [((ID,), {"shown": shown})]


def test_one_says_what_stands_in_the_way(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.proposals = SimpleNamespace(get=Recorder(view(why="things have changed")))
    assert run(["proposal", "show", "f1f1f1"]) == 0
    assert "state        proposed (things have changed)" in capsys.readouterr().out


def test_the_list_has_what_one_could_confirm(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.proposals = SimpleNamespace(iterate=Recorder(listing([view()])))
    assert run(["proposal", "list", "--waiting"]) == 0
    assert "committee.set" in capsys.readouterr().out
    assert client.proposals.iterate.calls[0][1]["waiting"] is True
    assert run(["proposal", "list", "--state", "lapsed"]) == 0
    assert client.proposals.iterate.calls[1][1]["waiting"] is None


def test_a_proposal_is_rejected(client: SimpleNamespace) -> None:
    client.proposals = SimpleNamespace(get=Recorder(view()), reject=Recorder(answers.written(proposal("rejected"))))
    assert run(["proposal", "reject", "f1f1f1", "--reason", "not now", "--yes"]) == 0
    assert client.proposals.reject.calls == [(("f1f1f1",), {"reason": "not now"})]


@pytest.mark.parametrize("as_json", [False, True])
def test_a_change_that_waits_says_so(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    waits: Written[Any] = Written(None, answers.TX, 17, proposal=proposal())
    client.grants = SimpleNamespace(lift=Recorder(waits))
    command = ["grant", "lift", "b2b2b2", "--reason", "answered"]
    assert run(["--json", *command] if as_json else command) == 0
    told = capsys.readouterr().out
    if as_json:
        assert json.loads(told)["proposal"]["record"]["body"]["widens"] == [WIDENS]
    else:
        assert f"widens       {WIDENS}" in told
        assert "next: it waits for a second officer of hanbit: medconsent proposal confirm f1f1f1f1f1f1" in told


def test_what_was_proposed_already_is_told_with_the_first(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    def another(identifier: str, **body: Any) -> ProposalView:
        told = {
            "institution": "hanbit", "function": "committee.set", "argument": "{}", "widens": [WIDENS],
            "proposed_by": {"institution": "hanbit", "id": "choi"},
        }  # fmt: skip
        record = answers.view("proposal", identifier, {**told, **body}, status="proposed")
        return ProposalView(Proposal.from_json(record), "proposed")

    command = ["grant", "lift", answers.GRANT, "--reason", "x"]
    client.grants = SimpleNamespace(lift=Recorder(Written(None, answers.TX, 17, proposal())))
    others = [view(), another("f2" * 32, argument="[]"), another("f3" * 32, function="policy.set")]
    client.proposals = SimpleNamespace(iterate=Recorder(lambda **_: iter(others)))
    assert run(command) == 0
    assert "already" not in capsys.readouterr().err
    client.proposals = SimpleNamespace(iterate=Recorder(lambda **_: iter([*others, another("f4" * 32)])))
    assert run(command) == 0
    err = capsys.readouterr().err
    assert "by hanbit/choi, and waits: medconsent proposal show f4f4f4f4f4f4" in err
    assert "`medconsent proposal reject f1f1f1f1f1f1` takes this one back" in err
    assert client.proposals.iterate.calls[0][1] == {"institution": "hanbit", "state": "proposed"}
    assert run(["--json", *command]) == 0
    assert capsys.readouterr().err == ""
