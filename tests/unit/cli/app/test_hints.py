"""Hints that only the command line can give."""

import json
import re
import shutil
from pathlib import Path

import click
import pytest
from identities import ask, wallet
from program_commands import every_command

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


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("there is no deid nuri/visits@1", "medconsent deid state DATASET FILE attests it"),
        ("there is no ground nuri/visits@1", "medconsent ground set DATASET --cohort COHORT"),
        ("there is no dataset nuri/visits", "medconsent dataset list shows those that there are; a steward"),
        ("there is no committee nuri/dac", "medconsent proposal list --waiting"),
        ("there is no grant that begins with ab", "medconsent grant list shows those that there are"),
        ("there is no cohort nuri/x", "medconsent consent list shows those that there are"),
    ],
)
def test_what_is_not_there_says_which_there_are_and_how_one_comes_about(message: str, hint: str) -> None:
    assert hint in explain(errors.NotFound(message), App()).diagnosis.hint


def test_the_contract_s_own_hint_comes_first_where_something_is_not_there() -> None:
    assert explain(errors.NotFound("there is no dataset a/b", hint="h"), App()).diagnosis.hint == "h"


def test_every_command_that_a_hint_on_nothing_names_is_there() -> None:
    known = {name for name, _ in every_command(program)}
    for kind, made in hints.MADE.items():
        told = f"{hints.of_nothing_there('NOT_FOUND', f'there is no {kind} x')} {made}"
        for one in re.findall(r"medconsent ((?:[a-z]+ ?)+)", told):
            words = one.split()
            assert any(" ".join(words[:n]) in known for n in (1, 2, 3)), one
