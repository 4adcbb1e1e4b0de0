"""Each error has its exit code, its sentence and its next step; never a traceback."""

import json

import click
import grpc
import pytest

from medconsent import errors
from medconsent.errors import EndorserWord
from medconsent.fabric import errors as fabric
from medconsent.fabric.errors import note_in_flight
from medconsent_cli.app.exit_codes import Exit
from medconsent_cli.app.failures import explain, report
from medconsent_cli.app.state import App
from medconsent_cli.main import program

TX = "ab" * 32
SAME = (EndorserWord("hanbit", "h:1", "no", "FORBIDDEN"), EndorserWord("nuri", "n:1", "no", "FORBIDDEN"))
DIFFERENT = (SAME[0], EndorserWord("nuri", "n:1", "too old", "CONFLICT"))


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        *((kind("no"), code, Exit.REFUSED) for code, kind in errors.BY_CODE.items()),
        (errors.Refused("no", code="OF_TOMORROW"), "OF_TOMORROW", Exit.REFUSED),
        (errors.Invalidated("no", validation_code="MVCC_READ_CONFLICT"), "MVCC_READ_CONFLICT", Exit.REFUSED),
        (errors.Unreachable("no"), "UNREACHABLE", Exit.UNREACHABLE),
        (errors.OutcomeUnknown("hm", transaction_id=TX), "OUTCOME_UNKNOWN", Exit.UNKNOWN),
        (errors.UnexpectedAnswer("hm"), "UNEXPECTED_ANSWER", Exit.FAULT),
        (errors.DocumentError("no", source="p.yaml", line=3), "DOCUMENT", Exit.USAGE),
        (errors.ContextError("no"), "CONTEXT", Exit.USAGE),
        (errors.MedconsentError("no"), "FAULT", Exit.FAULT),
        (fabric.CAError("Authentication failure", status=401, code=20), "CA_20", Exit.REFUSED),
        (fabric.CAError("does not answer"), "CA_UNREACHABLE", Exit.UNREACHABLE),
        (fabric.WalletError("no key"), "IDENTITY", Exit.USAGE),
        (fabric.SubmitError("hm", transaction_id=TX), "UNKNOWN", Exit.UNKNOWN),
        (fabric.EvaluateError("no", status=grpc.StatusCode.UNAVAILABLE), "UNAVAILABLE", Exit.UNREACHABLE),
        (click.UsageError("no such option"), "USAGE", Exit.USAGE),
        (click.Abort(), "STOPPED", Exit.USAGE),
        (fabric.CAError("not the one", untrusted=True), "CA_UNREACHABLE", Exit.UNREACHABLE),
        (PermissionError(13, "Permission denied", "/etc/x"), "FILE", Exit.USAGE),
        (ZeroDivisionError("division by zero"), "FAULT", Exit.FAULT),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_codes(error: Exception, code: str, exit_code: Exit, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(error, App(), as_json=False) == exit_code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error {code}: ")
    assert "Traceback" not in err
    assert report(error, App(), as_json=True) == exit_code
    out, err = capsys.readouterr()
    assert out == ""
    told = json.loads(err)["error"]
    assert (told["code"], told["exit_code"]) == (code, exit_code)
    assert told["message"]


def test_everything_is_told_in_its_order() -> None:
    error = errors.PolicyDenies(
        "the policy does not permit it",
        field="purpose",
        hint="ask the owner",
        details=[{"code": "PURPOSE", "message": "not for that"}, "and not so"],
        transaction_id=TX,
        words=DIFFERENT,
    )
    assert explain(error, App()).lines() == [
        "error POLICY_DENIES: the policy does not permit it",
        "  where: purpose",
        "  - PURPOSE: not for that",
        "  - and not so",
        "  hint: ask the owner",
        "  the institutions' peers do not say the same:",
        "    hanbit (h:1): FORBIDDEN: no",
        "    nuri (n:1): CONFLICT: too old",
        f"  transaction: {TX}",
    ]


def test_endorsers_who_agree_are_not_repeated_to_people() -> None:
    failure = explain(errors.Forbidden("no", words=SAME), App())
    assert failure.lines() == ["error FORBIDDEN: no"]
    assert len(failure.to_json()["error"]["endorsers"]) == 2


def test_not_known_says_how_to_find_out() -> None:
    failure = explain(errors.OutcomeUnknown("hm", transaction_id=TX), App())
    assert f"medconsent transaction status {TX}" in failure.diagnosis.hint


@pytest.mark.parametrize(
    ("command", "field", "option"),
    [
        ("request submit", "duration_seconds", "--days N or --duration TIME"),
        ("request submit", "purpose.diseases[0]", "--disease CODE"),
        ("request submit", "purpose.ethics.valid_until", "--ethics-until TIME"),
        ("request submit", "project", "--project TEXT"),
        ("dataset publish", "slug", "SLUG"),
        ("dataset publish", "policy", "--policy FILE"),
        ("dataset publish", "policy.use[0].limits[1]", "--policy FILE"),
        ("dataset publish", "keywords[2]", "--keyword WORD"),
        ("check", "for", "--for PERSON"),
        ("check", "nothing.of.it", ""),
    ],
)
def test_a_refused_member_is_named_as_it_was_typed(command: str, field: str, option: str) -> None:
    found: click.Command = program
    for word in command.split():
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), word) or pytest.fail(word)
    failure = explain(errors.Invalid("no", field=field), App(parameters=tuple(found.params)))
    assert failure.diagnosis.option == option


def test_what_the_ca_s_numbers_mean() -> None:
    assert (
        "registrar's context"
        in explain(fabric.CAError("Authorization failure", status=403, code=71), App()).diagnosis.hint
    )
    assert (
        "used already" in explain(fabric.CAError("Authentication failure", status=401, code=20), App()).diagnosis.hint
    )


def test_lines_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    report(click.UsageError("one\n\ttwo"), App(), as_json=False)
    assert "one two" in capsys.readouterr().err


def test_an_interrupted_change_is_not_known() -> None:
    app = App()
    app.change = "revoking the grant"
    failure = explain(click.Abort(), app)
    assert failure.exit is Exit.UNKNOWN
    assert "revoking the grant" in failure.diagnosis.message


def test_an_interrupted_change_names_the_transaction_that_was_being_sent() -> None:
    app = App()
    app.change = "revoking the grant"
    interruption = KeyboardInterrupt()
    note_in_flight(interruption, "5f" * 32)
    aborted = click.Abort()
    aborted.__cause__ = interruption  # as Click raises it
    diagnosis = explain(aborted, app).diagnosis
    assert diagnosis.transaction_id == "5f" * 32
    assert diagnosis.hint == f"find out before repeating it: medconsent transaction status {'5f' * 32}"
    app.change_hint = "the request stands"
    assert explain(aborted, app).diagnosis.hint.endswith(f"{'5f' * 32}; the request stands")


def test_the_line_of_a_document_is_named() -> None:
    error = errors.DocumentError("unknown key", source="p.yaml", line=3, column=5)
    assert explain(error, App()).diagnosis.message == "p.yaml:3:5: unknown key"


def test_a_message_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    report(errors.Forbidden("\x1b[2J\x9b", hint="\u202e"), App(), as_json=False)
    assert not set("\x1b\x9b\u202e") & set(capsys.readouterr().err)


def test_a_context_of_an_earlier_network_is_made_anew() -> None:
    for error in (fabric.CAError("not the one", untrusted=True), fabric.CAError("no", status=401, code=20)):
        assert "--replace" in explain(error, App()).diagnosis.hint


def test_a_file_that_fails_after_a_change_was_sent_is_not_wrong_usage() -> None:
    assert explain(PermissionError(13, "no", "/etc/x"), App(change="voting")).exit == Exit.FAULT
