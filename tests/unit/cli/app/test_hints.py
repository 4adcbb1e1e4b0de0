"""Hints that only the command line can give."""

import json
import shutil
from pathlib import Path

import click
import pytest
from identities import ask, wallet

from medconsent import errors
from medconsent_cli.app import hints
from medconsent_cli.app.failures import explain
from medconsent_cli.app.state import App
from medconsent_cli.main import program, run


def test_who_is_refused_is_told_who_they_are_and_who_might(
    tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for person, roles in (("kim", "researcher"), ("park", "steward"), ("lee", "dac")):
        assert (
            run(["context", "add", f"hanbit/{person}", "--profile", profile, "--msp", wallet(tmp_path, person, roles)])
            == 0
        )
    hint = explain(errors.Forbidden("hanbit/kim acts as steward here", hint="h"), App()).diagnosis.hint
    assert hint == "h; you act as hanbit/kim (context hanbit/kim); try --context with hanbit/park (steward)"
    assert run(["context", "show", "--context", "lee"]) == 2
    assert "did you mean hanbit/lee?" in capsys.readouterr().err


def test_a_damaged_context_is_no_reason_to_name_no_other(
    tmp_path: Path, settings: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for person, roles in (("kim", "researcher"), ("lee", "steward"), ("park", "steward")):
        ask(
            capsys, "context", "add", f"hanbit/{person}", "--profile", profile, "--msp", wallet(tmp_path, person, roles)
        )
    (settings / "contexts" / "hanbit" / "lee" / "cert.pem").write_bytes(b"")
    hint = explain(errors.Forbidden("hanbit/kim is no steward here"), App()).diagnosis.hint
    assert hint.endswith("try --context with hanbit/park (steward)")


def test_whoever_acts_as_another_institution_is_told_who_is_of_that_one(
    tmp_path: Path, settings: Path, profile: str
) -> None:
    for person in ("park", "kim"):
        run(["context", "add", f"hanbit/{person}", "--profile", profile, "--msp", wallet(tmp_path, person, "steward")])
    shutil.copytree(settings / "contexts" / "hanbit", settings / "contexts" / "nuri")
    for file in settings.glob("contexts/nuri/*/context.json"):
        file.write_text(file.read_text().replace('"hanbit"', '"nuri"'))
    assert run(["context", "use", "hanbit/kim"]) == 0
    for said in (
        "nuri/bc belongs to nuri, and kim is of hanbit",
        "the grant is on data of nuri, and kim is of hanbit",
        "the proposal is of nuri, and kim is of hanbit",
    ):
        hint = explain(errors.Forbidden(said), App()).diagnosis.hint
        assert hint.endswith("try --context with nuri/kim (steward) or nuri/park (steward)"), said


def test_a_profile_of_several_organizations_names_the_option_and_the_names(
    tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(Path(profile).read_text())
    del document["client"]
    document["organizations"]["nuri"] = {**document["organizations"]["hanbit"], "mspid": "nuri"}
    Path(profile).write_text(json.dumps(document))
    command = ["context", "add", "hanbit/kim", "--profile", profile, "--msp", wallet(tmp_path, "kim", "dac")]
    assert run(command) == 2
    err = capsys.readouterr().err
    assert "hanbit, nuri" in err
    assert "--organization NAME" in err
    assert run([*command, "--organization", "nurri"]) == 2
    assert "it has: hanbit, nuri" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("field", "option"), [("notice.url", "--notice-url"), ("objection.url", "--objection-url"), ("notice", "--notice")]
)
def test_a_member_within_another_is_named_by_its_own_option(field: str, option: str) -> None:
    group = program.get_command(click.Context(program), "basis")
    assert isinstance(group, click.Group)
    command = group.get_command(click.Context(group), "set")
    assert command is not None
    assert hints.option_of(field, command.params).split()[0] == option
