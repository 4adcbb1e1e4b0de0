"""Private texts that go with a request, an amendment or a remark: sent as one, and never lost without a word."""

import json
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder

from medconsent.errors import Forbidden, MedconsentError, OutcomeUnknown, Unreachable
from medconsent.nouns.requests import Remark, RequestView
from medconsent.nouns.texts import Kept, PrivateText
from medconsent.values.records import Written
from medconsent_cli.main import run

SUBMIT = [
    "request",
    "submit",
    "hanbit/ct",
    "--purpose",
    "origins",
    "--mode",
    "enclave",
    "--days",
    "2",
    "--project",
    "x",
]


def said_in_private() -> Remark:
    body = {
        "request": answers.REQUEST,
        "dataset": "hanbit/ct",
        "author": {"institution": "nuri", "id": "park"},
        "kind": "remark",
        "commitment": "9f" * 32,
    }
    return Remark.from_json(answers.view("remark", "f7" * 32, body))


@pytest.fixture
def texts(client: SimpleNamespace, tmp_path: Path) -> SimpleNamespace:
    """A ledger that takes requests, amendments and remarks, and keeps texts; with two files."""
    (tmp_path / "our plan.txt").write_text("our plan")
    (tmp_path / "letter.txt").write_text("the letter")
    taken = Written(answers.request().request, answers.TX, 17)
    client.requests = SimpleNamespace(
        iterate=lambda **_: iter(()),
        submit=Recorder(taken),
        amend=Recorder(taken),
        remark=Recorder(Written(said_in_private(), answers.TX, 17)),
        get=Recorder(answers.request()),
    )
    client.texts = SimpleNamespace(keep=Recorder(Written(Kept(answers.REQUEST, "9f" * 32), "c4" * 32, 18)))
    return client


def test_an_amendment_takes_private_texts_as_a_request_does(
    texts: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, letter = tmp_path / "our plan.txt", tmp_path / "letter.txt"
    given = ["--description", str(plan), "--ethics-letter", str(letter), "--json"]
    told = []
    for command in (SUBMIT, ["request", "amend", "a1a1a1", "--yes"]):
        assert run([*command, *given]) == 0
        told.append(json.loads(capsys.readouterr().out)["texts"])
    for sent, kept in zip((texts.requests.submit.calls[0][1], texts.requests.amend.calls[0][1]), told, strict=True):
        assert [text.kind for text in sent["texts"]] == ["description", "ethics-letter"]
        assert [text["commitment"] for text in kept] == [text.commitment for text in sent["texts"]]
        assert all(text["kept"] for text in kept)
    assert [(request, text.text) for (request, text), _options in texts.texts.keep.calls] == [
        (answers.REQUEST, "our plan"), (answers.REQUEST, "the letter"),
    ] * 2  # fmt: skip
    assert sorted(file.name for file in tmp_path.iterdir()) == ["letter.txt", "our plan.txt"]
    plan.write_text("")
    assert run(["request", "amend", "a1a1a1", "--yes", "--description", str(plan)]) == 2
    assert len(texts.requests.amend.calls) == 1


@pytest.mark.parametrize(
    "command",
    [
        [*SUBMIT, "--description"],
        ["request", "amend", "a1a1a1", "--yes", "--description"],
        ["request", "remark", "a1a1a1", "--private"],
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        Unreachable("hanbit's peer was not reached"),
        Forbidden("hanbit's peer was not reached"),
        OutcomeUnknown("hanbit's peer was not reached", transaction_id="c4" * 32),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_text_that_was_not_kept_is_no_success(
    *,
    command: list[str],
    as_json: bool,
    error: MedconsentError,
    texts: SimpleNamespace,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def down(*_a: Any, **_k: Any) -> Any:
        raise error

    keep, texts.texts.keep = texts.texts.keep, down
    assert run([*command, str(tmp_path / "our plan.txt"), *(["--json"] if as_json else [])]) == 7
    out, err = capsys.readouterr()
    (safe,) = tmp_path.glob("*.private.json")
    assert stat.S_IMODE(safe.stat().st_mode) == 0o600
    again = f"do not repeat the change, but send the text again: medconsent text keep {answers.REQUEST[:12]} '{safe}'"
    if as_json:
        (kept,) = json.loads(out)["texts"]
        assert (kept["kept"], kept["file"]) == (False, str(safe))
        told = json.loads(err)["error"]
        assert (told["code"], told["exit_code"]) == ("TEXT_NOT_KEPT", 7)
        assert (told["hint"], told["transaction_id"]) == (again, answers.TX)
        assert told["details"] == [f"{kept['kind']} {kept['commitment'][:12]}: hanbit's peer was not reached"]
    else:
        assert "committed in block 17" in out
        assert f"error TEXT_NOT_KEPT: the change to request {answers.REQUEST[:12]} is committed, and a private" in err
        assert f"hint: {again}" in err
    # What is told to be done, done: the file goes once the text is kept.
    texts.texts.keep = keep
    assert run(["text", "keep", answers.REQUEST[:12], str(safe)]) == 0
    assert keep.calls[0][0][1].text == "our plan"
    assert not safe.exists()


@pytest.mark.parametrize(
    ("command", "again"),
    [
        ([*SUBMIT, "--ethics-letter"], f"medconsent request amend {answers.REQUEST[:12]} --ethics-letter FILE"),
        (
            ["request", "remark", "a1a1a1", "--private"],
            f"medconsent request remark {answers.REQUEST[:12]} --private FILE",
        ),
    ],
)
def test_a_text_is_sent_from_where_nothing_can_be_written(
    *,
    command: list[str],
    again: str,
    texts: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def read_only(*_a: Any) -> None:
        raise PermissionError

    def down(*_a: Any, **_k: Any) -> Any:
        raise Unreachable("hanbit's peer was not reached")

    monkeypatch.setattr("medconsent_cli.app.private_texts.save", read_only)
    assert run([*command, str(tmp_path / "letter.txt")]) == 0
    texts.texts.keep = down
    capsys.readouterr()
    assert run([*command, str(tmp_path / "letter.txt")]) == 7
    assert again in capsys.readouterr().err


def test_what_an_amendment_replaced_is_marked_and_not_what_is_shown(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    named = [
        {"kind": "description", "commitment": "9f" * 32, "replaced": True},
        {"kind": "description", "commitment": "8e" * 32},
    ]
    view = answers.request().to_json()
    view["request"]["record"]["body"]["texts"] = named
    client.requests = SimpleNamespace(get=Recorder(RequestView.from_json(view)))
    client.texts = SimpleNamespace(get=Recorder(PrivateText("our plan")), purge=Recorder(None))
    assert run(["request", "show", "a1a1a1"]) == 0
    out = capsys.readouterr().out
    assert f"description: {'9f' * 32} (replaced)" in out
    assert f"description: {'8e' * 32}\n" in out
    assert run(["text", "show", "a1a1a1"]) == 0
    assert run(["text", "show", "a1a1a1", "--commitment", "9f9f"]) == 0
    assert [arguments[1] for arguments, _options in client.texts.get.calls] == ["8e" * 32, "9f" * 32]
    assert run(["request", "purge", "a1a1a1", "--yes"]) == 0
    assert [arguments[1] for arguments, _options in client.texts.purge.calls] == ["9f" * 32, "8e" * 32]
