"""`medconsent text`: private text is kept for its owner alone and drives no terminal."""

import stat
from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.nouns.requests import TextReference
from medconsent.nouns.texts import Kept, PrivateText
from medconsent.values.records import Written
from medconsent_cli.app.private_texts import load, save
from medconsent_cli.main import run


def test_private_text_is_kept_with_its_salt_for_its_owner_alone(folder: Path, client: SimpleNamespace) -> None:
    text = PrivateText("our plan")
    save(folder / "p.json", text)
    assert stat.S_IMODE((folder / "p.json").stat().st_mode) == 0o600
    assert load(folder / "p.json") == text
    assert "our plan" not in repr(text)
    client.texts = SimpleNamespace(keep=Recorder(Written(Kept("a1" * 32, text.commitment), answers.TX, 9)))
    assert run(["text", "keep", "a1b2c3", "p.json"]) == 0
    assert client.texts.keep.calls[0][0] == ("a1b2c3", text)
    (folder / "m.csv").write_text("id,state\n")
    assert run(["text", "keep", "a1b2c3", "m.csv"]) == 2


def test_private_text_drives_no_terminal(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.texts = SimpleNamespace(get=Recorder(PrivateText("a\n\x1b[2Jb")))
    texts = (TextReference("description", "9f" * 32), TextReference("ethics-letter", "ab" * 32))
    found = SimpleNamespace(id="a1" * 32, request=SimpleNamespace(texts=texts), remarks=())
    client.requests = SimpleNamespace(get=Recorder(found))
    assert run(["text", "show", "a1b2c3"]) == 2
    assert "9f" * 32 in capsys.readouterr().err
    assert run(["text", "show", "a1b2c3", "--commitment", "9f9f"]) == 0
    assert client.texts.get.calls[0][0] == ("a1" * 32, "9f" * 32)
    assert capsys.readouterr().out == "a\n\\u001b[2Jb\n"
