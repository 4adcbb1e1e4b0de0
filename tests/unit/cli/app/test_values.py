"""The kinds of argument: what is misspelled is not sent, and a document is named by its file or its hash."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent_cli.main import run

ASK = ["--purpose", "health-research", "--mode", "enclave"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["transaction", "status", answers.TX[:12]], "64 hexadecimal digits"),
        (["request", "list", "--state", "open"], "'open' is none of: submitted, in-review"),
        (["request", "list", "--waiting-for", "hanbit/foo"], "'hanbit/foo' is no committee"),
        (["identity", "register", "Kim Lee"], "take a pseudonym"),
        (["identity", "register", "k\u0456m"], "Its 2nd letter is U+0456 CYRILLIC SMALL LETTER BYELORUSSIAN"),
        (["dataset", "show", "h\u0430nbit/ct"], "Its 2nd letter is U+0430 CYRILLIC SMALL LETTER A."),
        (["request", "invite", "a1a1a1", "nuri/\u0440ark", "q"], "Its 6th letter is U+0440 CYRILLIC SMALL LETTER ER."),
        (["context", "use", "h\u0430nbit/kim"], "hanbit/steward; its 2nd letter is U+0430 CYRILLIC SMALL LETTER A"),
        (["context", "use"], "Missing argument 'INSTITUTION/NAME'"),
    ],
)
def test_what_is_misspelled_is_not_sent(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    told = capsys.readouterr().err
    assert says in told
    assert "\\u000a" not in told


def test_a_document_is_named_by_its_file_or_its_hash(
    client: SimpleNamespace,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"approved")
    check = Recorder(answers.decision("permit"))
    client.decisions = SimpleNamespace(check=check)
    board = ["--ethics-board", "IRB", "--ethics-number", "7", "--ethics-until", answers.AT]
    assert run(["check", "a/b", "--for", "a/kim", *ASK, *board, "--ethics-hash", str(letter)]) == 0
    assert check.calls[0][1]["purpose"].ethics.sha256 == hashlib.sha256(b"approved").hexdigest()
    assert run(["check", "a/b", "--for", "a/kim", *ASK, *board, "--ethics-hash", "ABC"]) == 2
    assert "'ABC' is no file, and no SHA-256 (64 characters of 0-9 and a-f)" in capsys.readouterr().err
