"""`medconsent committee set`, `add`, `remove`: members may have terms, and what changes is shown and asked first."""

from collections.abc import Callable
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.errors import NotFound, Unreachable
from medconsent.nouns.committees import Committee, Member
from medconsent.times import parse_time
from medconsent.values.records import Written
from medconsent_cli.main import run

END = "2100-01-01T00:00:00Z"
KEY = "9f" * 32


def committee(*seats: str | dict[str, str]) -> Committee:
    """hanbit/dac with these seats, each since the records' moment."""
    each = [{"id": it} if isinstance(it, str) else it for it in seats]
    body = {
        "institution": "hanbit",
        "role": "dac",
        "seats": [{"from": answers.AT, "set_tx": answers.TX, "key": KEY, **it} for it in each],
    }
    return Committee.from_json(answers.view("committee", "hanbit/dac", body))


@pytest.fixture
def seated(client: SimpleNamespace) -> SimpleNamespace:
    """lee, choi until an end, and mi, whose seat has ended; three requests wait for them."""
    found = committee("lee", {"id": "choi", "until": END}, {"id": "mi", "until": "2026-11-24T10:50:11Z"})
    done = Recorder(Written(found, answers.TX, 5))
    client.committees = SimpleNamespace(get=Recorder(found), set=done, seat=done, unseat=done)
    client.requests = SimpleNamespace(iterate=Recorder(lambda **_: iter([answers.request()] * 3)))
    return client


def test_members_may_have_terms(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.committees = SimpleNamespace(
        get=Recorder(committee()),
        set=Recorder(Written(committee({"id": "lee", "until": END}), answers.TX, 5)),
    )
    client.requests = SimpleNamespace(iterate=Recorder(lambda **_: iter([])))
    command = ["committee", "set", "dac", "--member", f"lee,until={END}", "--member", "choi"]
    assert run([*command, "--yes"]) == 0
    assert client.committees.set.calls[0] == (
        ("dac", (Member("lee", None, parse_time(END)), Member("choi"))),
        {"shown": None},
    )
    assert "committed in block 5" in capsys.readouterr().out


def test_a_member_with_a_typo_is_seen_before_anybody_loses_a_seat(
    seated: SimpleNamespace, piped: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["committee", "set", "dac", "--member", "leee", "--member", "choi"]
    assert run(command) == 2  # nobody can be asked
    out, err = capsys.readouterr()
    assert err.splitlines()[:6] == [
        "committee hanbit/dac: 1 seat ends, 1 seat new, 1 seat changed",
        f"- lee, from {answers.AT}, by the key {KEY[:12]}",
        "+ leee, from now",
        f"~ choi: without an end (was: {END})",
        "3 open requests wait for it, of whose committee 2 would be left",
        "a new or a longer seat waits for a second officer, and with it the whole change; `committee remove` takes "
        "seats away at once",
    ]
    assert "give --yes" in err
    assert out == ""
    piped(b"n\n", terminal=True)
    assert run(command) == 2
    assert not seated.committees.set.calls
    piped(b"y\n", terminal=True)
    assert run(command) == 0
    assert seated.committees.set.calls[0][1] == {"shown": seated.committees.get.answer.digest}


def test_a_program_that_cannot_be_asked_gets_one_object(
    seated: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--json", "committee", "set", "dac", "--nobody"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith('{\n  "error"')
    assert not seated.committees.get.calls


def test_seats_that_are_named_as_they_are_stay(
    seated: SimpleNamespace, piped: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    piped(b"y\n", terminal=True)
    assert run(["committee", "set", "dac", "--member", "lee", "--member", f"choi,until={END}"]) == 0
    told = capsys.readouterr().err
    assert "committee hanbit/dac: 2 as before\n  as before: choi, lee\n" in told
    assert "second officer" not in told
    assert "open request" not in told
    seated.committees.get.answer = None

    def absent(_name: str) -> Committee:
        raise NotFound("there is none")

    seated.committees.get = absent
    piped(b"y\n", terminal=True)
    assert run(["committee", "set", "dac", "--member", "lee"]) == 0
    assert "committee hanbit/dac: 1 seat new\n+ lee, from now\n" in capsys.readouterr().err


def test_adding_takes_nobody_s_seat_and_asks_nothing(
    seated: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["committee", "add", "dac", "kim", f"yoon,until={END}"]) == 0
    assert seated.committees.seat.calls == [
        (("dac", (Member("kim"), Member("yoon", None, parse_time(END)))), {}),
    ]
    assert not seated.committees.get.calls
    assert "committed in block 5" in capsys.readouterr().out


def test_removing_shows_who_goes(
    seated: SimpleNamespace,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run(["committee", "remove", "dac", "lee"]) == 2
    assert "committee hanbit/dac: 1 seat ends, 1 as before\n- lee, from" in capsys.readouterr().err
    assert not seated.committees.unseat.calls
    assert run(["committee", "remove", "dac", "lee", "--yes"]) == 0
    told = capsys.readouterr()
    assert "with it: 1 seat ends, 1 as before\n" in told.out
    assert told.err == ""
    seated.committees.unseat.calls.clear()

    def away(_name: str) -> Committee:
        raise Unreachable("it cannot be read")

    monkeypatch.setattr(seated.committees, "get", away)  # what cannot be counted stops nobody from taking a seat away
    assert run(["committee", "remove", "dac", "lee", "choi", "--yes"]) == 0
    assert "with it:" not in capsys.readouterr().out
    assert seated.committees.unseat.calls == [(("dac", ("lee", "choi")), {})]
