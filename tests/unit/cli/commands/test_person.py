"""`medconsent person`, and officers of an institution: whose keys count."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder, listing

from medconsent.errors import NotFound
from medconsent.nouns.institutions import Officer
from medconsent.nouns.persons import PersonKey
from medconsent_cli.main import run

KEY = "9f" * 32


def key(status: str = "announced") -> PersonKey:
    body = {"institution": "hanbit", "person": "kim", "fingerprint": KEY, "public_key": "MFkw"}
    return PersonKey.from_json(answers.view("person", "c7" * 32, body, status=status))


def test_who_announces_is_told_what_happens_next(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.persons = SimpleNamespace(announce=Recorder(answers.written(key())))
    assert run(["person", "announce"]) == 0
    told = capsys.readouterr().out
    assert f"fingerprint  {KEY}" in told
    assert f"medconsent person admit kim --key {KEY}" in told


def test_a_key_is_admitted_and_ended(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.persons = SimpleNamespace(
        admit=Recorder(answers.written(key("active"))),
        end=Recorder(answers.written(key("ended"))),
        iterate=Recorder(lambda **_options: iter([key("active")])),
    )
    client.institution = "hanbit"
    client.institutions = SimpleNamespace(get=Recorder(institution(Officer("kim", ("steward",), KEY))))
    client.committees = SimpleNamespace(iterate=Recorder(lambda **_options: iter(())))
    assert run(["person", "admit", "kim", "--key", KEY.upper()]) == 0
    assert client.persons.admit.calls == [(("kim", KEY), {})]
    assert run(["person", "admit", "kim", "--key", "9f9f"]) == 2  # all of it is compared, not its beginning
    assert run(["person", "end", "kim", "--reason", "lost"]) == 2
    assert not client.persons.end.calls
    assert run(["person", "end", "kim", "--reason", "lost", "--yes"]) == 0
    assert client.persons.end.calls == [(("kim",), {"reason": "lost", "key": None})]
    assert "state        ended" in capsys.readouterr().out


def test_keys_are_listed(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.persons = SimpleNamespace(iterate=Recorder(listing([key()])))
    assert run(["person", "list", "--institution", "hanbit", "--state", "announced"]) == 0
    assert KEY in capsys.readouterr().out


SET = ["institution", "set", "--title", "Hanbit", "--country", "KR", "--contact", "data@hanbit.example"]


NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def institution(*officers: Officer) -> Any:
    return SimpleNamespace(
        id="hanbit", title="Hanbit", country="KR", contact="data@hanbit.example", roles=(), officers=officers,
        to_json=dict, status="active", changes=(), digest=KEY, key="k", sealed=True, revision=1, updated_at=NOON,
        release=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "standing", "named"),
    [
        ([], (), None),
        (["--officer", f"lee=steward,privacy@{KEY}"], None, [Officer("lee", ("steward", "privacy"), KEY)]),
        (
            ["--officer", "kim=operator"],
            (Officer("lee", ("steward",), KEY), Officer("kim", ("privacy",), KEY)),
            [Officer("lee", ("steward",), KEY), Officer("kim", ("operator",), None)],
        ),
    ],
)
def test_officers_are_those_that_stand_with_what_is_said(
    client: SimpleNamespace, options: list[str], standing: tuple[Officer, ...] | None, named: list[Officer] | None
) -> None:
    def get(_institution: str) -> Any:
        if standing is None:
            raise NotFound("no such institution")
        return institution(*standing)

    waits = answers.written(institution())
    client.institution = "hanbit"
    client.institutions = SimpleNamespace(get=Recorder(get), set=Recorder(waits))
    assert run([*SET, *options]) == 0
    assert client.institutions.set.calls[0][1]["officers"] == named


@pytest.mark.parametrize("wrong", ["lee", "lee=", "=steward", "lee=steward@"])
def test_an_officer_is_a_person_with_roles(client: SimpleNamespace, wrong: str) -> None:
    client.institutions = SimpleNamespace(set=Recorder(None))
    assert run([*SET, "--officer", wrong]) == 2
    assert not client.institutions.set.calls
