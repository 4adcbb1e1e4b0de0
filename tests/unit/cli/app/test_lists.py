"""Lists end at their limit, say so, and name what is forged."""

import json
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder, listing

from medconsent.nouns.audit import Trail
from medconsent.nouns.inbox import Waiting
from medconsent.values.records import ForgedRecord
from medconsent_cli.main import run


def test_lists_end_at_the_limit_and_say_so(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.grants = SimpleNamespace(iterate=Recorder(listing([answers.grant()] * 3)))
    assert run(["grant", "list", "--limit", "2", "--holder", "nuri"]) == 0
    out, err = capsys.readouterr()
    assert out.count("b2b2b2b2b2b2 ") == 2
    assert "more than 2" in err
    assert client.grants.iterate.calls[0][1]["holder"] == "nuri"
    assert run(["grant", "list", "--limit", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (len(told["items"]), told["more"]) == (3, False)


def test_forged_records_are_named(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    forged = ForgedRecord("request/x", "no seal")
    client.requests = SimpleNamespace(iterate=listing([answers.request()], (forged,)))
    assert run(["request", "list"]) == 0
    out, err = capsys.readouterr()
    assert "a1a1a1a1a1a1" in out
    assert err == "forged, counts for nothing: request/x: no seal\n"
    assert run(["--json", "request", "list"]) == 0
    assert json.loads(capsys.readouterr().out)["forged"] == [forged.to_json()]


def test_an_empty_list_says_what_to_do(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.grants = SimpleNamespace(iterate=listing([]))
    assert run(["grant", "list"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "(nothing found)\none is there when the last vote that a request needs has come: medconsent request list\n"
    )
    assert run(["grant", "list", "--limit", "3", "--state", "revoked", "--holder", "hanbit"]) == 0
    assert capsys.readouterr().err.splitlines()[1] == "there may be some without --holder and --state"
    assert run(["grant", "list", "--json"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("asked", "command", "hint"),
    [
        ("breakglass.iterate", "breakglass list", "medconsent breakglass propose DATASET"),
        ("committees.delegations", "committee delegations", "medconsent committee delegate ROLE DEPUTY"),
        ("inbox.iterate", "inbox", "nothing waits for you"),
        ("proposals.iterate", "proposal list", "what one officer does"),
    ],
)
def test_every_empty_list_says_so(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str], asked: str, command: str, hint: str
) -> None:
    noun, method = asked.split(".")
    setattr(client, noun, SimpleNamespace(**{method: listing([])}))
    assert run(command.split()) == 0
    first, second = capsys.readouterr().err.splitlines()
    assert (first, hint in second) == ("(nothing found)", True)


def test_an_empty_trail_names_what_narrows_it(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.audit = SimpleNamespace(trail=lambda _dataset: Trail(()))
    assert run(["audit", "trail", "hanbit/ct", "--kind", "vote", "--person", "nuri/kim"]) == 0
    assert capsys.readouterr().err.splitlines() == ["(nothing found)", "there may be some without --person and --kind"]


def test_a_deputy_is_told_for_whom(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    waits = Waiting(
        "vote", answers.request().request.updated_at, "hanbit/dac", members=("lee",), request=answers.request()
    )
    client.inbox = SimpleNamespace(iterate=listing([waits]))
    assert run(["inbox"]) == 0
    assert "request show, then approve, reject or return --for lee" in capsys.readouterr().out
