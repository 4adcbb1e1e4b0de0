"""`medconsent breakglass`: shown before it is confirmed, marked in every list."""

import sys
from io import StringIO
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder, listing

from medconsent.nouns.breakglass import Breakglass, Opened
from medconsent.values.grants import OtherGrant
from medconsent_cli.main import run


def test_a_break_glass_grant_is_marked_in_every_list(
    client: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    marked = answers.grant()
    marked = type(marked)(answers.breakglass_grant(), "active")
    client.grants = SimpleNamespace(
        iterate=Recorder(listing([marked, answers.grant()])),
        iterate_others=Recorder(lambda *_a, **_k: iter([OtherGrant(answers.breakglass_grant(), "active", ("kim",))])),
        get=Recorder(marked),
    )
    client.receipts = SimpleNamespace(list=Recorder(answers.page()))
    for command in (["grant", "list"], ["grant", "others", "b2b2b2"], ["grant", "show", "b2b2b2"]):
        assert run(command) == 0
        assert capsys.readouterr().out.count("BREAK-GLASS") == 1
    client.breakglass = SimpleNamespace(
        iterate=Recorder(listing([answers.breakglass()])), get=Recorder(answers.breakglass())
    )
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


def test_the_break_glass_is_shown_before_it_is_confirmed(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = answers.breakglass()
    answer = Opened(shown.breakglass, answers.breakglass_grant())
    client.breakglass = SimpleNamespace(get=Recorder(shown), confirm=Recorder(answers.written(answer)))
    assert run(["breakglass", "confirm", "e5e5e5"]) == 2
    assert not client.breakglass.confirm.calls
    out = capsys.readouterr().out
    assert "reason       an emergency" in out
    assert run(["breakglass", "confirm", "e5e5e5", "--yes"]) == 0
    assert client.breakglass.confirm.calls[0][1]["shown"] is shown
    assert (
        "next: a privacy officer of hanbit who took no part justifies it once it has ended: medconsent breakglass "
        in capsys.readouterr().out
    )


def test_the_break_glass_is_proposed_and_justified(client: SimpleNamespace) -> None:
    record: Breakglass = answers.breakglass().breakglass
    client.breakglass = SimpleNamespace(
        propose=Recorder(answers.written(record)), justify=Recorder(answers.written(record))
    )
    command = ["breakglass", "propose", "hanbit/ct", "--institution", "nuri", "--person", "kim", "--person", "lee"]
    command += ["--purpose", "clinical-care", "--mode", "enclave", "--duration", "12h", "--reason", "an emergency"]
    assert run(command) == 0
    options = client.breakglass.propose.calls[0][1]
    assert (options["people"], options["duration"]) == (("kim", "lee"), 43_200)
    assert run(["breakglass", "justify", "e5e5e5", "it had to be"]) == 0
    assert client.breakglass.justify.calls[0][0] == ("e5e5e5", "it had to be")
