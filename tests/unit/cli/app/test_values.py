"""The kinds of argument: what is misspelled is not sent, and a document is named by its file or its hash."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import answers
import click
import pytest
from fake_client import Recorder

from medconsent.times import format_time
from medconsent_cli.app import values
from medconsent_cli.main import run

DAY = "2027-01-02T00:00:00Z"
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


def asked(client: SimpleNamespace) -> Recorder:
    client.decisions = SimpleNamespace(check=Recorder(answers.decision("permit")))
    return client.decisions.check


@pytest.mark.parametrize(
    ("written", "read", "said"),
    [
        ("2027-01-02", "2027-01-02T00:00:00Z", "2027-01-02 is taken as the day's beginning in UTC: " + DAY),
        ("2027-01-02T03:04:05Z", "2027-01-02T03:04:05Z", ""),
        ("2027-01-02T03:04+09:00", "2027-01-01T18:04:00Z", ""),
    ],
)
def test_a_day_is_its_beginning_and_said_so(
    written: str, read: str, said: str, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    check = asked(client)
    assert run(["check", "a/b", "--for", "a/kim", *ASK, "--at", written]) == 0
    assert format_time(check.calls[0][1]["at"]) == read
    assert capsys.readouterr().err.strip() == said
    assert run(["--json", "check", "a/b", "--for", "a/kim", *ASK, "--at", written]) == 0
    assert capsys.readouterr().err == "", "stderr is for the error alone"


def test_capital_letters_are_read_as_what_they_say(client: SimpleNamespace) -> None:
    check = asked(client)
    words = ["--purpose", "Disease", "--disease", "icd10:c50", "--mode", "DOWNLOAD"]
    assert run(["CHECK", "a/b", "--for", "A/Kim", *words]) == 0
    asked_for = check.calls[0][1]
    assert (asked_for["for_"], asked_for["mode"]) == ("a/kim", "download")
    assert (asked_for["purpose"].kind, asked_for["purpose"].diseases) == ("disease", ("ICD10:C50",))


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["polcy", "list"], "'policy'"),
        (["dataset", "lst"], "'list'"),
        (["check", "a/b", "--for", "a/kim", "--purpose", "desease", "--mode", "download"], "'disease'"),
        (["check", "a/b", "--for", "a/kim", "--purpose", "disease", "--mode", "downlaod"], "'download'"),
    ],
)
def test_a_mistyped_word_has_a_suggestion(arguments: list[str], meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert f"Did you mean {meant}?" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["Brust", "nuri/brust", "brust_1", "größe", "-a", "a" * 64])
def test_a_new_thing_has_a_name_without_its_institution(name: str) -> None:
    with pytest.raises(click.BadParameter, match="The institution is left out, for it is one's own"):
        values.SLUG.convert(name, None, None)
    assert values.SLUG.convert("brust-2", None, None) == "brust-2"


def test_a_keyword_in_capital_letters_is_read_in_small_ones() -> None:
    assert values.KEYWORD.convert("Onkologie", None, None) == "onkologie"
    with pytest.raises(click.BadParameter, match="U\\+00FC"):
        values.KEYWORD.convert("süd", None, None)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ICD-10:c50.1", "ICD10:C50.1"),
        ("ICD-10-CM:O9A", "ICD10CM:O9A"),
        ("kcd8: C50", "KCD8:C50"),
        ("MONDO_0007254", "MONDO:0007254"),
        ("MONDO:MONDO_0007254", "MONDO:0007254"),
        ("DOID:DOID:1612", "DOID:1612"),
        ("C50", "C50"),
        ("ICD-11:2C6Z", "ICD-11:2C6Z"),
    ],
)
def test_a_disease_as_other_files_write_it(written: str, meant: str) -> None:
    assert values.DISEASE.convert(written, None, None) == meant


def test_what_only_looks_like_a_letter_of_a_disease_is_told() -> None:
    with pytest.raises(click.BadParameter, match="CYRILLIC CAPITAL LETTER ES"):
        values.DISEASE.convert("ICD10:\u042150", None, None)


def test_a_country_has_capital_letters() -> None:
    assert {values.COUNTRY.convert(text, None, None) for text in ("kr", "Kr", "KR")} == {"KR"}
    assert values.COUNTRY.convert("\ud55c\uad6d", None, None) == "\ud55c\uad6d"
