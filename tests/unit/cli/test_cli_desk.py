"""The approval desk on the command line: what is sent to the SDK, what is shown, and what is asked first."""

import json
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cli_views as views
import pytest
from test_cli_commands import Recorder, client, listing

from medconsent.contexts import Contexts
from medconsent.desk.names import StaffNames
from medconsent.errors import ConflictUndeclared, Unreachable
from medconsent.nouns.breakglass import Breakglass, BreakglassView, Opened
from medconsent.nouns.committees import Delegation, DelegationView
from medconsent.nouns.grants import Grant, OtherGrant, Revocation
from medconsent.nouns.inbox import Waiting
from medconsent.nouns.requests import Invitation, InvitationView, Remark, VoteOutcome
from medconsent.times import parse_time
from medconsent.values.purposes import Purpose
from medconsent.values.records import Written
from medconsent_cli.main import run

__all__ = ["client"]  # the fixture

UNTIL = datetime(2027, 11, 1, tzinfo=UTC)
PERSON = {"institution": "nuri", "id": "park"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration folder with the context hanbit/lee, which is the current one and has no keys."""
    folder = tmp_path / "contexts" / "hanbit" / "lee"
    folder.mkdir(parents=True)
    members = {"institution": "hanbit", "enrollment_id": "lee", "endpoint": "localhost:1"}
    (folder / "context.json").write_text(json.dumps({**members, "channel": "c", "chaincode": "m"}))
    (tmp_path / "current").write_text("hanbit/lee\n")
    monkeypatch.setenv("MEDCONSENT_HOME", str(tmp_path))
    monkeypatch.delenv("MEDCONSENT_CONTEXT", raising=False)
    return tmp_path


def written(answer: Any) -> Written[Any]:
    return Written(answer, views.TX, 17)


def outcome(**more: Any) -> Written[VoteOutcome]:
    return written(VoteOutcome(views.vote(), "in-review", **more))


def breakglass(state: str = "proposed", **more: Any) -> BreakglassView:
    body = {
        "dataset": "hanbit/ct",
        "version": 1,
        "version_digest": "d2" * 32,
        "institution": "nuri",
        "people": ["kim"],
        "purpose": {"kind": "clinical-care"},
        "mode": "enclave",
        "duration_seconds": 43_200,
        "reason": "an emergency",
        "proposed_by": {"institution": "hanbit", "id": "lee"},
    }
    record = views.view("breakglass", "e5" * 32, body, status="proposed")
    return BreakglassView.from_json({"breakglass": record, "state": state, **more})


def glass_grant() -> Grant:
    view = views.grant().grant.to_json()
    view["record"]["body"] |= {"breakglass": "e5" * 32}
    return Grant.from_json(view)


# Votes


def test_an_attestation_is_read_from_options_or_a_file(client: SimpleNamespace, tmp_path: Path) -> None:
    client.requests = SimpleNamespace(get=Recorder(views.request()), approve=Recorder(outcome()))
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"approved")
    options = ["--attest-board", "IRB", "--attest-number", "7", "--attest-document", str(letter)]
    options += ["--attest-until", "2027-11-01T00:00:00Z"]
    assert run(["request", "approve", "a1a1a1", "--yes", "--no-conflict", *options]) == 0
    file = tmp_path / "approval.yaml"
    file.write_text("board: IRB\nnumber: '7'\ndocument: letter.pdf\nvalid_until: 2027-11-01T00:00:00Z\n")
    assert run(["request", "approve", "a1a1a1", "--yes", "--attest", str(file)]) == 0
    by_options, by_file = (options for _arguments, options in client.requests.approve.calls)
    assert by_options["attestation"] == by_file["attestation"]
    assert by_options["attestation"].valid_until == UNTIL
    assert (by_options["no_conflict"], by_file["no_conflict"]) == (True, False)


@pytest.mark.parametrize(
    "options",
    [
        ["--attest-board", "IRB"],
        ["--attest", "x.yaml", "--attest-number", "7"],
        ["--attest", "missing.yaml"],
    ],
)
def test_half_an_attestation_is_not_sent(options: list[str], client: SimpleNamespace) -> None:
    client.requests = SimpleNamespace(get=Recorder(views.request()), approve=Recorder(outcome()))
    assert run(["request", "approve", "a1a1a1", "--yes", *options]) == 2
    assert not client.requests.get.calls


@pytest.mark.parametrize("verb", ["approve", "reject", "return"])
def test_a_deputy_says_for_whom(verb: str, client: SimpleNamespace) -> None:
    send = Recorder(outcome())
    client.requests = SimpleNamespace(get=Recorder(views.request()), **{verb.replace("return", "return_"): send})
    reason = [] if verb == "approve" else ["--reason", "no"]
    assert run(["request", verb, "a1a1a1", "--for", "lee", "--yes", *reason]) == 0
    assert send.calls[0][1]["for_"] == "lee"


@pytest.mark.parametrize("verb", ["recuse", "return", "close"])
def test_what_ends_a_part_in_a_request_asks_first(
    verb: str, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    send = Recorder(outcome())
    client.requests = SimpleNamespace(get=Recorder(views.request()), **{verb.replace("return", "return_"): send})
    assert run(["request", verb, "a1a1a1", "--reason", "because"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert not send.calls
    assert run(["request", verb, "a1a1a1", "--reason", "because", "--yes"]) == 0
    assert send.calls[0][0] == (views.REQUEST, "because")


def test_a_refusal_says_which_option_is_missing(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(*_a: Any, **_k: Any) -> None:
        raise ConflictUndeclared("the policy asks for a declaration", field="no_conflict")

    client.requests = SimpleNamespace(get=Recorder(views.request()), approve=refused)
    assert run(["request", "approve", "a1a1a1", "--yes"]) == 5
    told = capsys.readouterr().err
    assert "where: no_conflict (--no-conflict)" in told
    assert "hint: --no-conflict declares that there is none" in told


# What waits


def stage(**more: Any) -> dict[str, Any]:
    found = views.request().waits_for[0].to_json()
    return {**found, "since": views.AT, "waits_for": ["lee", "park"], **more}


def test_a_request_says_who_is_waited_for_and_since_when(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    later = stage(institution="saerom", role="ethics", open=False, step=2, since=None, waits_for=[])
    shown = views.request(waits_for=[stage(rule="majority"), later])
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
    client.requests = SimpleNamespace(get=Recorder(views.request(state="returned")))
    assert run(["request", "show", "a1a1a1"]) == 0
    assert "nuri/kim to amend it" in capsys.readouterr().out


def invitation() -> InvitationView:
    body = {
        "request": views.REQUEST,
        "dataset": "hanbit/ct",
        "inviter": PERSON,
        "reviewer": {"institution": "hanbit", "id": "lee"},
        "question": "sound?",
    }
    return InvitationView(Invitation.from_json(views.view("invitation", "f6" * 32, body)), False)


def test_the_inbox_has_all_that_waits(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    since = parse_time(views.AT)
    hindered = breakglass(why="not even an emergency opens data that may not be used at all: it rests on nothing")
    waiting = [
        Waiting("confirm", since, breakglass=breakglass(confirm_until="2026-11-25T10:50:10Z")),
        Waiting("confirm", since, breakglass=hindered),
        Waiting("justify", since, breakglass=breakglass("open", why="its grant is suspended")),
        Waiting("vote", since, committee="hanbit/dac", members=("park",), request=views.request()),
        Waiting("amend", since, request=views.request(state="returned")),
        Waiting("accept", since, grant=views.grant()),
        Waiting("answer", since, invitation=invitation()),
    ]
    client.inbox = SimpleNamespace(iterate=Recorder(listing(waiting)))
    assert run(["request", "list", "--waiting-for", "me"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row[:30].strip() for row in rows[1:]] == [
        "confirm BREAK-GLASS          e", "confirm BREAK-GLASS          e", "justify BREAK-GLASS          e",
        "vote in hanbit/dac for park  a", "amend                        a", "accept                       b",
        "answer                       f",
    ]  # fmt: skip
    assert re.split("  +", rows[1])[1:] == [
        "e5e5e5e5e5e5", "hanbit/ct@1", "hanbit/lee", "an emergency", views.AT, "2026-11-25T10:50:10Z",
        "breakglass confirm",
    ]  # fmt: skip
    assert rows[2].endswith("  not now: breakglass show e5e5e5e5e5e5 says why")
    assert "…" not in rows[2]
    assert rows[3].endswith("  breakglass justify")
    assert run(["request", "list", "--waiting-for", "me", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["items"][0]["breakglass"]["confirm_until"] == "2026-11-25T10:50:10Z"
    assert [item["what"] for item in told["items"][2:]] == ["justify", "vote", "amend", "accept", "answer"]
    assert run(["request", "list", "--waiting-for", "me", "--state", "returned"]) == 2


def test_a_committee_s_inbox_can_be_one_member_s(client: SimpleNamespace) -> None:
    client.requests = SimpleNamespace(iterate=Recorder(listing([])))
    assert run(["request", "list", "--waiting-for", "hanbit/dac", "--member", "lee"]) == 0
    options = client.requests.iterate.calls[0][1]
    assert (options["waiting_for"], options["waiting_person"]) == ("hanbit/dac", "lee")
    assert run(["request", "list", "--member", "lee"]) == 2


def test_votes_on_what_was_amended_are_marked(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    def vote(number: int, kind: str, digest: str) -> dict[str, Any]:
        view: dict[str, Any] = views.vote().to_json()
        view["record"]["id"] = f"{number:064x}"
        letter = {"board": "IRB", "number": str(number), "sha256": "9" * 64, "valid_until": views.AT}
        view["record"]["body"] |= {"vote": kind, "request_digest": digest, "attestation": letter}
        return view

    now, before = views.DIGESTS["request"], "c7" * 32
    votes = [vote(1, "approve", before), vote(2, "recuse", before), vote(3, "approve", now)]
    client.requests = SimpleNamespace(get=Recorder(views.request(votes=votes)))
    assert run(["request", "show", "a1a1a1"]) == 0
    out = capsys.readouterr().out
    assert out.count("approve  before the amendment  hanbit/lee") == 1
    assert out.count("before the amendment") == 1
    assert "IRB, 1," not in out
    assert "IRB, 3, until 2026-11-24T10:50:10Z, letter 999999999999, by hanbit/lee" in out


# The request itself


def test_an_amendment_sends_what_is_given(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.requests = SimpleNamespace(amend=Recorder(written(views.request().request)))
    assert run(["request", "amend", "a1a1a1", "--days", "2", "--researcher", "kim"]) == 0
    (arguments, options) = client.requests.amend.calls[0]
    assert arguments == ("a1a1a1",)
    assert {name: value for name, value in options.items() if value} == {
        "duration": 172_800,
        "researchers": ("kim",),
    }
    capsys.readouterr()
    assert run(["request", "amend", "a1a1a1"]) == 2
    assert "what is to change?" in capsys.readouterr().err
    assert run(["request", "amend", "a1a1a1", "--training"]) == 2
    assert "a purpose is stated as a whole" in capsys.readouterr().err


def test_a_request_renews_or_joins(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    granted = views.request(state="approved", grant=views.grant().grant.to_json())
    client.requests = SimpleNamespace(
        submit=Recorder(written(views.request().request)), get=Recorder(lambda _id: granted)
    )
    command = ["request", "submit", "hanbit/ct", "--purpose", "origins", "--mode", "enclave", "--days", "2"]
    command += ["--project", "x"]
    assert run([*command, "--renews", "b2b2b2"]) == 0
    assert client.requests.submit.calls[0][1]["renews"] == "b2b2b2"
    assert f"approved, grant {views.GRANT}" in capsys.readouterr().out  # it may be approved at once
    assert run([*command, "--renews", "b2b2b2", "--joins", "b2b2b2"]) == 2


def test_remarks_and_invitations(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    said = {"request": views.REQUEST, "dataset": "hanbit/ct", "author": PERSON, "kind": "remark", "text": "\x1b[31mred"}
    remark = Remark.from_json(views.view("remark", "f7" * 32, said))
    client.requests = SimpleNamespace(
        remark=Recorder(written(remark)),
        invite=Recorder(written(invitation().invitation)),
        get=Recorder(views.request(remarks=[remark.to_json()], invitations=[invitation().to_json()])),
    )
    assert run(["request", "remark", "a1a1a1", "red"]) == 0
    assert run(["request", "remark", "a1a1a1"]) == 2
    assert run(["request", "remark", "a1a1a1", "red", "--private", "x.txt"]) == 2
    assert run(["request", "invite", "a1a1a1", "nuri/park", "sound?"]) == 0
    assert run(["request", "invite", "a1a1a1", "park", "sound?"]) == 2
    capsys.readouterr()
    assert run(["request", "show", "a1a1a1"]) == 0
    out = capsys.readouterr().out
    assert "remark of nuri/park at 2026-11-24T10:50:10Z\n  \\u001b[31mred\n" in out
    assert "hanbit/lee  nuri/park  no" in out


# Drafts


def test_a_draft_is_written_in_pieces_and_sent_once(
    home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.requests = SimpleNamespace(submit=Recorder(written(views.request().request)), get=Recorder(views.request()))
    assert run(["request", "draft", "new", "tumours", "hanbit/bc@2", "--days", "2"]) == 0
    assert "lacks    purpose, mode, project" in capsys.readouterr().out
    assert run(["request", "draft", "submit", "tumours"]) == 2
    assert "the draft tumours lacks purpose, mode, project" in capsys.readouterr().err
    edited = ["--purpose", "origins", "--mode", "enclave", "--project", "Where from?"]
    assert run(["request", "draft", "edit", "tumours", *edited]) == 0
    assert not client.requests.submit.calls
    assert run(["request", "draft", "submit", "tumours"]) == 0
    options = client.requests.submit.calls[0][1]
    assert (options["dataset"], options["version"], options["duration"]) == ("hanbit/bc", 2, 172_800)
    assert options["purpose"] == Purpose("origins")
    capsys.readouterr()
    assert run(["request", "draft", "submit", "tumours"]) == 2
    assert f"was sent already, as request {views.REQUEST}" in capsys.readouterr().err
    assert run(["request", "draft", "list", "--json"]) == 0
    (item,) = json.loads(capsys.readouterr().out)["items"]
    assert (item["draft"], item["request"], item["missing"]) == ("tumours", views.REQUEST, [])
    file = home / "contexts" / "hanbit" / "lee" / "drafts" / "tumours.yaml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run(["request", "draft", "delete", "tumours"]) == 2  # asks first
    assert run(["request", "draft", "delete", "tumours", "--yes"]) == 0
    assert not file.exists()


def test_a_broken_draft_hides_no_other(client: SimpleNamespace, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("first", "second", "third"):
        assert run(["request", "draft", "new", name, "hanbit/bc"]) == 0
    folder = home / "contexts" / "hanbit" / "lee" / "drafts"
    assert run(["request", "draft", "list"]) == 0
    (folder / "second.yaml").write_text("dataset: hanbit/bc\nduration: for ever\n")
    capsys.readouterr()
    assert run(["request", "draft", "list"]) == 2
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["DRAFT", "first", "third"]
    assert f"error DOCUMENT: 1 draft cannot be read: {folder}/second.yaml:2:" in err
    assert "for ever" in err
    assert run(["request", "draft", "show", "third"]) == 0
    (folder / "no name.yaml").write_bytes(b"")
    (folder / "third.yaml").write_bytes(b"\xff\x00")
    (folder / "first.yaml").unlink()
    capsys.readouterr()
    assert run(["request", "draft", "list", "--json"]) == 2
    out, err = capsys.readouterr()
    told, error = json.loads(out), json.loads(err)["error"]
    assert told["items"] == []
    assert [one["draft"] for one in told["broken"]] == ["no name", "second", "third"]
    assert (error["code"], error["exit_code"]) == ("DOCUMENT", 2)
    assert "3 drafts cannot be read" in error["message"]
    assert run(["request", "draft", "delete", "second", "--yes"]) == 0, "as the hint says"


def test_a_draft_is_edited_in_an_editor(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    assert run(["request", "draft", "new", "tumours", "hanbit/bc"]) == 0
    assert run(["request", "draft", "edit", "tumours"]) == 2  # no terminal
    assert "there is no terminal for an editor" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", Terminal())
    editor = tmp_path / "editor.py"
    editor.write_text("import sys, os, time\nopen(sys.argv[1], 'a').write('mode: enclave\\n')\n"
                      "os.utime(sys.argv[1], (time.time() + 9,) * 2)\n")  # fmt: skip
    monkeypatch.setenv("VISUAL", f"{sys.executable} {editor}")
    assert run(["request", "draft", "edit", "tumours"]) == 0
    assert "mode     enclave" in capsys.readouterr().out


# Grants


def others(count: int) -> list[OtherGrant]:
    return [OtherGrant(views.grant().grant, "active", ("kim",))] * count


def test_a_revocation_tells_what_is_still_given(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.grants = SimpleNamespace(
        revoke=Recorder(written(views.grant().grant)), iterate_others=Recorder(lambda *_a, **_k: iter(others(2)))
    )
    assert run(["grant", "revoke", "b2b2b2", "--reason", "leak"]) == 0
    out = capsys.readouterr().out
    assert "still given to the same people (--all ends these too):" in out
    assert client.grants.iterate_others.calls[0][0] == (views.GRANT,)
    assert run(["--json", "grant", "revoke", "b2b2b2", "--reason", "leak"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (len(told["others"]), told["transaction_id"]) == (2, views.TX)


def test_a_revocation_is_told_even_when_nothing_can_be_read_after_it(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    def down(*_a: Any, **_k: Any) -> Any:
        raise Unreachable("the peer was not reached")

    client.grants = SimpleNamespace(revoke=Recorder(written(views.grant().grant)), iterate_others=down)
    assert run(["--json", "grant", "revoke", "b2b2b2", "--reason", "leak"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["transaction_id"] == views.TX
    assert "others" not in json.loads(out)
    assert "revoked; what else gives the same could not be read" in err
    client.requests = SimpleNamespace(submit=Recorder(written(views.request().request)), get=down)
    command = ["request", "submit", "hanbit/ct", "--purpose", "origins", "--mode", "enclave", "--days", "2"]
    assert run([*command, "--project", "x"]) == 0
    assert "committed in block 17" in capsys.readouterr().out


def test_all_of_them_are_shown_and_asked_for_first(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    ended = (Revocation((views.GRANT, "c4" * 32), views.TX, 17),)
    left = iter([others(1), others(1), []])
    client.grants = SimpleNamespace(
        get=Recorder(views.grant()),
        iterate_others=Recorder(lambda *_a, **_k: iter(next(left))),
        revoke_all=Recorder(ended),
    )
    assert run(["grant", "revoke", "b2b2b2", "--reason", "leak", "--all"]) == 2
    out, err = capsys.readouterr()
    assert "also given to the same people:" in out
    assert "--yes" in err
    assert not client.grants.revoke_all.calls
    assert run(["--json", "grant", "revoke", "b2b2b2", "--reason", "leak", "--all", "--yes"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"grant": views.GRANT, "ended": [ended[0].to_json()], "others": []}
    assert client.grants.revoke_all.calls == [((views.GRANT, "leak"), {})]


def test_a_break_glass_grant_is_marked_in_every_list(
    client: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    marked = views.grant()
    marked = type(marked)(glass_grant(), "active")
    client.grants = SimpleNamespace(
        iterate=Recorder(listing([marked, views.grant()])),
        iterate_others=Recorder(lambda *_a, **_k: iter([OtherGrant(glass_grant(), "active", ("kim",))])),
        get=Recorder(marked),
    )
    for command in (["grant", "list"], ["grant", "others", "b2b2b2"], ["grant", "show", "b2b2b2"]):
        assert run(command) == 0
        assert capsys.readouterr().out.count("BREAK-GLASS") == 1
    client.breakglass = SimpleNamespace(iterate=Recorder(listing([breakglass()])), get=Recorder(breakglass()))
    for command in (["breakglass", "list"], ["breakglass", "show", "e5e5e5"]):
        assert run(command) == 0
        assert capsys.readouterr().out.count("BREAK-GLASS") == 1

    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert run(["grant", "list"]) == 0
    assert "\x1b[31mBREAK-GLASS\x1b[0m" in terminal.getvalue()


@pytest.mark.parametrize("verb", ["suspend", "lift", "relinquish"])
def test_what_is_done_with_a_grant(verb: str, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    send = Recorder(written(views.grant().grant))
    client.grants = SimpleNamespace(**{verb: send})
    assert run(["grant", verb, "b2b2b2", "--reason", "because"]) == 0
    assert "because" in (*send.calls[0][0], *send.calls[0][1].values())
    assert "committed in block 17" in capsys.readouterr().out


# Break-glass


def test_the_break_glass_is_shown_before_it_is_confirmed(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = breakglass()
    answer = Opened(shown.breakglass, glass_grant())
    client.breakglass = SimpleNamespace(get=Recorder(shown), confirm=Recorder(written(answer)))
    assert run(["breakglass", "confirm", "e5e5e5"]) == 2
    assert not client.breakglass.confirm.calls
    out = capsys.readouterr().out
    assert "reason       an emergency" in out
    assert run(["breakglass", "confirm", "e5e5e5", "--yes"]) == 0
    assert client.breakglass.confirm.calls[0][1]["shown"] is shown
    assert "to be justified: medconsent breakglass justify e5e5e5e5e5e5" in capsys.readouterr().out


def test_the_break_glass_is_proposed_and_justified(client: SimpleNamespace) -> None:
    record: Breakglass = breakglass().breakglass
    client.breakglass = SimpleNamespace(propose=Recorder(written(record)), justify=Recorder(written(record)))
    command = ["breakglass", "propose", "hanbit/ct", "--institution", "nuri", "--person", "kim", "--person", "lee"]
    command += ["--purpose", "clinical-care", "--mode", "enclave", "--duration", "12h", "--reason", "an emergency"]
    assert run(command) == 0
    options = client.breakglass.propose.calls[0][1]
    assert (options["people"], options["duration"]) == (("kim", "lee"), 43_200)
    assert run(["breakglass", "justify", "e5e5e5", "it had to be"]) == 0
    assert client.breakglass.justify.calls[0][0] == ("e5e5e5", "it had to be")


# Deputies


def test_deputies(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    body = {"institution": "hanbit", "role": "dac", "member": "lee", "deputy": "choi", "from": views.AT}
    record = views.view("delegation", "f8" * 32, {**body, "until": "2999-01-01T00:00:00Z"}, status="active")
    given = Delegation.from_json(record)
    client.committees = SimpleNamespace(
        delegate=Recorder(written(given)),
        undelegate=Recorder(written(given)),
        delegations=Recorder(listing([DelegationView(given, "active")])),
    )
    assert run(["committee", "delegate", "dac", "choi", "--until", "2027-11-01T00:00:00Z"]) == 0
    assert client.committees.delegate.calls[0] == (("dac", "choi"), {"until": UNTIL, "from_": None, "reason": None})
    assert run(["committee", "undelegate", "f8f8f8"]) == 0
    capsys.readouterr()
    assert run(["committee", "delegations", "--deputy", "choi"]) == 0
    assert "active  hanbit/dac  lee     choi" in capsys.readouterr().out


# Names


def test_one_s_own_people_have_names_on_the_screen_and_nowhere_else(
    home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["identity", "names", "set", "lee", "Lee Jiwoo"]) == 0
    assert run(["--json", "identity", "names", "set", "kim", "Kim Other"]) == 0
    told = capsys.readouterr()
    assert "Kim Other" not in told.out
    assert StaffNames("hanbit").read() == {"lee": "Lee Jiwoo", "kim": "Kim Other"}
    client.requests = SimpleNamespace(get=Recorder(views.request(waits_for=[stage()])))
    assert run(["request", "show", "a1a1a1"]) == 0
    out = capsys.readouterr().out
    assert "hanbit/lee (Lee Jiwoo)" in out
    assert ": lee (Lee Jiwoo), park" in out
    assert "nuri/kim" in out
    assert "Kim Other" not in out  # nuri's kim is another
    assert run(["--json", "request", "show", "a1a1a1"]) == 0
    assert "Jiwoo" not in capsys.readouterr().out
    assert run(["identity", "names", "list"]) == 0
    assert "lee  Lee Jiwoo" in capsys.readouterr().out
    assert run(["--json", "identity", "names", "list"]) == 0
    assert "Jiwoo" not in capsys.readouterr().out
    assert run(["identity", "names", "remove", "lee"]) == 0
    assert run(["identity", "names", "remove", "lee"]) == 2


def test_a_broken_names_file_is_told_of_and_hides_nothing(
    home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "contexts" / "hanbit" / "names.yaml").write_text("[")
    client.requests = SimpleNamespace(get=Recorder(views.request()))
    assert run(["request", "show", "a1a1a1"]) == 0
    out, err = capsys.readouterr()
    assert "hanbit/lee" in out
    assert err.count("the names of people are not shown") == 1


def test_a_names_file_is_no_context(home: Path) -> None:
    StaffNames("hanbit").set("lee", "Lee Jiwoo")
    assert [one.name for one in Contexts().list()] == ["hanbit/lee"]


# Reminders


@pytest.fixture
def seen_to(client: SimpleNamespace, home: Path) -> SimpleNamespace:
    """A ledger on which one request waits for hanbit/dac, and a grant of nuri's ends soon."""

    def requests(**asked: Any) -> Iterator[Any]:
        return iter([views.request(waits_for=[stage()])] if asked.get("waiting_for") == "hanbit/dac" else [])

    client.requests = SimpleNamespace(iterate=requests)
    client.grants = SimpleNamespace(iterate=lambda **_k: iter([]))
    client.breakglass = SimpleNamespace(iterate=lambda **_k: iter([]))
    return client


REMIND = ["remind", "--older-than", "1s"]


def test_reminders_are_told_once_a_day(
    seen_to: SimpleNamespace, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "desk.log"
    assert run([*REMIND, "--to-log", str(log)]) == 0
    assert run([*REMIND, "--to-log", str(log)]) == 0
    assert len(log.read_text().splitlines()) == 1
    assert "nothing new to see to" in capsys.readouterr().err
    assert stat.S_IMODE((home / "contexts" / "hanbit" / "lee" / "reminders.json").stat().st_mode) == 0o600
    # Without a channel it is looked at, and not remembered.
    for _ in range(2):
        assert run(REMIND) == 0
        assert "waits for a vote of hanbit/dac" in capsys.readouterr().out
    assert run([*REMIND, "--json", "--to-log", str(log)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (len(told["reminders"]), told["told"]) == (1, [])


def test_a_channel_that_fails_is_told_of_and_tried_again(
    seen_to: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, dead = tmp_path / "desk.log", "http://127.0.0.1:1/secret"
    for _ in range(2):
        assert run([*REMIND, "--to-log", str(log), "--to-webhook", dead]) == 6
        told = capsys.readouterr().err
        assert "error UNREACHABLE: the webhook at 127.0.0.1 was not reached" in told
        assert "secret" not in told
    assert len(log.read_text().splitlines()) == 1  # what worked is not told again


@pytest.mark.parametrize(
    "options",
    [
        ["--to-webhook", "ftp://x"],
        ["--to-mail", "a@b"],
        ["--to-mail", "a@b", "--smtp", "host", "--from", "a@b"],
        ["--to-mail", "a@b\nBcc: c@d", "--smtp", "host:25", "--from", "a@b"],
        ["--smtp", "host:25"],
        ["--every", "0s", "--to-log", "-"],
        ["--every", "1h"],
    ],
)
def test_channels_that_are_none(options: list[str], seen_to: SimpleNamespace) -> None:
    assert run([*REMIND, *options]) == 2


def test_a_process_goes_on_after_a_failure(
    seen_to: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds: list[float] = []

    def sleep(_stop: Any, seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 3:
            raise KeyboardInterrupt

    @contextmanager
    def down(_app: Any) -> Iterator[Any]:
        if len(rounds) == 1:
            raise Unreachable("the peer was not reached")
        yield seen_to

    monkeypatch.setattr("medconsent_cli.commands.remind.Stop.sleep", sleep)
    monkeypatch.setattr("medconsent_cli.app.state.App.connect", down)
    assert run([*REMIND, "--every", "1h", "--to-log", "-"]) == 0
    out, err = capsys.readouterr()
    assert rounds == [3600, 3600, 3600]
    assert out.count("waits for a vote") == 1
    assert "not looked: the peer was not reached" in err
