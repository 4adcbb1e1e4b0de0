"""People are named as tables show them, where it is clear whose they are."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from medconsent_cli import reference
from medconsent_cli.app.at_home import AtHome
from medconsent_cli.main import program, run

PURPOSE = ["--purpose", "disease", "--disease", "ICD10:C50", "--mode", "download"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["committee", "delegate", "dac", "hanbit/choi", "--until", "2027-01-01T00:00:00Z"], "choi"),
        (["committee", "add", "dac", "hanbit/choi,until=2027-01-01T00:00:00Z"], "choi"),
        (["person", "admit", "hanbit/choi", "--key", "9f" * 32], "choi"),
        (["institution", "dismiss", "hanbit/choi", "--yes"], "choi"),
        (["explain", "nuri/ct", *PURPOSE, "--institution", "saerom", "--researcher", "saerom/choi"], "choi"),
        (["breakglass", "propose", "hanbit/ct", "--institution", "saerom", "--person", "saerom/choi",
          *PURPOSE, "--duration", "4h", "--reason", "x"], "choi"),
    ],
)  # fmt: skip
def test_the_institution_is_left_out(
    words: list[str], named: str, home: Path, client: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home
    asked: list[str] = []

    class Anything:
        """Keeps what it is called with, and cannot go on with whoever is named."""

        def __getattr__(self, _name: str) -> "Anything":
            return self

        def __iter__(self) -> Iterator[object]:
            return iter(())

        def __call__(self, *args: object, **kwargs: object) -> "Anything":
            asked.append(repr((args, kwargs)))
            if named in asked[-1]:
                raise KeyboardInterrupt
            return self

    for noun in ("committees", "persons", "institutions", "decisions", "breakglass", "policies"):
        setattr(client, noun, Anything())
    client.institution = "hanbit"
    run(words)
    assert asked, words
    assert f"'{named}'" in asked[-1]


def test_somebody_of_another_institution_is_told(
    home: Path, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert home
    assert client
    assert (
        run(["request", "submit", "nuri/ct", *PURPOSE, "--days", "9", "--project", "x", "--researcher", "nuri/kim"])
        == 2
    )
    assert "nuri/kim is not of hanbit, and here people of hanbit are named" in capsys.readouterr().err


def test_whoever_names_a_member_or_a_researcher_may_do_so() -> None:
    kinds = {
        (path, param.name): param.type
        for path, command in reference.commands(program, "medconsent")
        for param in command.params
    }
    people = ("researchers", "people", "deputy", "member", "seats", "seated", "officers", "enrollment_id")
    named = {where: kind for where, kind in kinds.items() if where[1] in people and "enroll" not in where[0].split()}
    assert len(named) > 15
    assert {where for where, kind in named.items() if not isinstance(kind, AtHome)} == set()
