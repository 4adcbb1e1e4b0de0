"""`medconsent request draft`: written in pieces and sent once."""

import json
import stat
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.values.purposes import Purpose
from medconsent.values.requests import NewRequest
from medconsent_cli.main import run


def test_a_draft_is_written_in_pieces_and_sent_once(
    home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.requests = SimpleNamespace(
        iterate=lambda **_: iter(()),
        submit=Recorder(answers.written(answers.request().request)),
        get=Recorder(answers.request()),
    )
    assert run(["request", "draft", "new", "tumours", "hanbit/bc@2", "--days", "2"]) == 0
    assert "lacks    purpose, mode, project" in capsys.readouterr().out
    assert run(["request", "draft", "submit", "tumours"]) == 2
    assert "the draft tumours lacks purpose, mode, project" in capsys.readouterr().err
    edited = ["--purpose", "origins", "--mode", "enclave", "--project", "Where from?"]
    assert run(["request", "draft", "edit", "tumours", *edited]) == 0
    assert not client.requests.submit.calls
    assert run(["request", "draft", "submit", "tumours"]) == 0
    ((wanted,), _options) = client.requests.submit.calls[0]
    assert wanted == NewRequest("hanbit/bc", Purpose("origins"), "enclave", 172_800, "Where from?", version=2)
    capsys.readouterr()
    assert run(["request", "draft", "submit", "tumours"]) == 2
    assert f"was sent already, as request {answers.REQUEST}" in capsys.readouterr().err
    assert run(["request", "draft", "list", "--json"]) == 0
    (item,) = json.loads(capsys.readouterr().out)["items"]
    assert (item["draft"], item["request"], item["missing"]) == ("tumours", answers.REQUEST, [])
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
    for name in ("second", "no name"):
        assert run(["request", "draft", "delete", name, "--yes"]) == 0, "as the hint says"
    assert run(["request", "draft", "delete", "../drafts/third", "--yes"]) == 2


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
