"""`medconsent request list --waiting-for`: all that waits for somebody."""

import json
import re
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder, listing

from medconsent.nouns.inbox import Waiting
from medconsent.times import parse_time
from medconsent_cli.main import run


def test_the_inbox_has_all_that_waits(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    since = parse_time(answers.AT)
    hindered = answers.breakglass(
        why="not even an emergency opens data that may not be used at all: it rests on nothing"
    )
    waiting = [
        Waiting("confirm", since, breakglass=answers.breakglass(confirm_until="2026-11-25T10:50:10Z")),
        Waiting("confirm", since, breakglass=hindered),
        Waiting("justify", since, breakglass=answers.breakglass("open", why="its grant is suspended")),
        Waiting("vote", since, committee="hanbit/dac", members=("park",), request=answers.request()),
        Waiting("amend", since, request=answers.request(state="returned")),
        Waiting("accept", since, grant=answers.grant()),
        Waiting("answer", since, invitation=answers.invitation()),
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
        "e5e5e5e5e5e5", "hanbit/ct@1", "hanbit/lee", "an emergency", answers.AT, "2026-11-25T10:50:10Z",
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
