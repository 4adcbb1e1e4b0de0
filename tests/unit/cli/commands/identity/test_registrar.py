"""What a registrar does, with the staff of the CA replaced: what is told, what is asked first, what is never shown."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder
from identities import ask, wallet

from medconsent.errors import AlreadyEnrolled, Unreachable
from medconsent.fabric.ca import IssuedCertificate, Revocation
from medconsent.nouns.committees import Committee
from medconsent.nouns.institutions import Institution
from medconsent.staff import Staff, StaffMember
from medconsent.values.records import Record
from medconsent_cli.main import run

UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(days=99)
CERTIFICATE = IssuedCertificate("kim", "1", "2", {"medconsent.roles": "dac,ethics"}, UNTIL, False)
KIM = StaffMember("kim", "client", ("researcher", "dac"), 1, (CERTIFICATE,))
LEE = StaffMember("lee", "client", (), 0, ())
REVOKE = ("identity", "revoke", "kim", "--reason", "keycompromise")


@pytest.fixture
def asked(
    tmp_path: Path, profile: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[tuple[Any, ...]]:
    """The registrar of hanbit, and what they asked of the CA."""
    asked: list[tuple[Any, ...]] = []

    def answering(name: str, answer: Any) -> None:
        def method(_staff: Staff, *arguments: Any, **options: Any) -> Any:
            asked.append((name, *arguments, *(value for key, value in options.items() if key != "at")))
            return answer

        monkeypatch.setattr(Staff, name, method)

    answering("list", [KIM, LEE])
    monkeypatch.setattr(Staff, "get", lambda _staff, one: {"kim": KIM, "lee": LEE}[one])
    answering("set_roles", KIM)
    answering("new_secret", "one-time")
    answering("revoke", Revocation((("1", "2"),), b""))
    answering("revoke_certificates", 2)
    assert run(["context", "add", "hanbit/registrar", "--profile", profile, "--msp", wallet(tmp_path, "r", "")]) == 0
    capsys.readouterr()
    return asked


def test_the_list_says_who_can_act_and_until_when(
    asked: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    until = f"{UNTIL:%Y-%m-%dT%H:%M:%SZ}"
    kim, lee = ask(capsys, "identity", "list")["items"]
    assert kim == {
        "id": "kim",
        "type": "client",
        "roles": ["researcher", "dac"],
        "acting_roles": ["dac", "ethics"],
        "state": "enrolled",
        "until": until,
        "certificates": 1,
        "max_enrollments": 1,
    }
    assert (lee["state"], lee["until"], lee["certificates"]) == ("revoked", None, 0)
    assert run(["identity", "list"]) == 0
    assert f"kim  researcher, dac (still: ethics)  enrolled  {until}" in capsys.readouterr().out


def test_roles_that_go_stay_in_the_certificate_and_the_way_out_is_told(
    asked: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    roles = ("identity", "roles", "kim")
    told = ask(capsys, *roles, "--role", "researcher", "--role", "ethics")
    assert told == {
        "person": "hanbit/kim",
        "roles": ["researcher", "ethics"],
        "gained": ["ethics"],
        "lost": ["dac"],
        "certificates": 1,
    }
    assert run([*roles, "--none"]) == 0
    out = capsys.readouterr().out
    assert f"until {UNTIL:%Y-%m-%d}" in out
    assert "medconsent identity revoke kim --reason privilegewithdrawn --certificates outdated" in out
    assert run([*roles, "--role", "researcher", "--role", "dac", "--role", "ethics"]) == 0
    assert "revoke" not in capsys.readouterr().out, "nothing was taken away"
    assert asked[1:] == [("set_roles", "kim", ()), ("set_roles", "kim", ("researcher", "dac", "ethics"))]


@pytest.mark.parametrize("wrong", [(), ("--none", "--role", "dac"), ("--role", "king")])
def test_roles_have_to_be_said(asked: list[tuple[Any, ...]], wrong: tuple[str, ...]) -> None:
    assert run(["identity", "roles", "kim", *wrong]) == 2
    assert asked == []


def test_a_secret_is_in_its_file_and_nowhere_else(
    asked: list[tuple[Any, ...]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "kim.secret"
    assert run(["identity", "secret", "kim"]) == 2
    assert run(["identity", "secret", "kim", "--secret-out", str(file)]) == 0
    assert file.read_text() == "one-time\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert run(["identity", "secret", "kim", "--secret-out", str(file)]) == 2, "a new file only"
    assert "one-time" not in "".join(capsys.readouterr())
    assert asked == [("new_secret", "kim")]


def test_a_refused_secret_leaves_no_file(
    asked: list[tuple[Any, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def new_secret(_staff: Staff, _enrollment_id: str, **_options: Any) -> str:
        raise AlreadyEnrolled("kim has enrolled")

    monkeypatch.setattr(Staff, "new_secret", new_secret)
    assert run(["identity", "secret", "kim", "--secret-out", str(tmp_path / "kim.secret")]) == 5
    assert not (tmp_path / "kim.secret").exists()


def record(kind: type[Record], body: dict[str, Any]) -> Any:
    return kind.from_json(answers.view("it", f"hanbit/{body.get('role', '')}", body, status="active"))


def leaving(client: SimpleNamespace) -> None:
    """A ledger on which kim has one of everything, besides what is over or somebody else's."""
    given = {"from": answers.AT, "set_tx": answers.TX, "key": "9f" * 32}
    seats = {
        "dac": [{"id": "kim", **given}],
        "ethics": [{"id": "kim", "until": answers.AT, **given}, {"id": "lee", **given}],
    }
    rosters = [
        record(Committee, {"institution": "hanbit", "role": role, "seats": each}) for role, each in seats.items()
    ]
    officers = [{"id": "kim", "roles": ["steward", "privacy"], "key": "9f" * 32}]
    profile = {"title": "H", "country": "KR", "contact": "c@h.example", "roles": [], "officers": officers}
    words = [
        SimpleNamespace(state=it, delegation=SimpleNamespace(member="lee", deputy="kim")) for it in ("active", "ended")
    ]
    client.committees = SimpleNamespace(iterate=lambda **_: iter(rosters), delegations=lambda **_: iter(words))
    client.institutions = SimpleNamespace(get=lambda _name: record(Institution, profile))
    client.grants = SimpleNamespace(iterate=Recorder(lambda **_: iter([answers.grant()] * 2)))
    client.requests = SimpleNamespace(
        iterate=lambda *, state, **_: iter([answers.request()] if state == "in-review" else [])
    )


def test_revoking_shows_with_counts_what_goes_and_what_stays_unused(
    asked: list[tuple[Any, ...]], client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    leaving(client)
    assert run(list(REVOKE)) == 2
    assert capsys.readouterr().err.splitlines()[:9] == [
        "hanbit/kim (enrolled), at the CA of hanbit",
        f"- 1 certificate, until {UNTIL:%Y-%m-%d} at the latest",
        "- the registration: they never enrol or renew again",
        "1 seat of theirs: hanbit/dac",
        "2 offices of theirs: privacy, steward",
        "1 delegation of theirs",
        "2 active grants of theirs",
        "1 undecided request of theirs",
        "these stay on the ledger until each is taken away, and nobody acts by them",
    ]
    assert client.grants.iterate.calls[0][1] == {"holder": "hanbit/kim", "state": "active"}
    assert run([*REVOKE, "--certificates", "outdated"]) == 2
    told = capsys.readouterr().err
    assert "- 1 certificate" in told
    assert "registration" not in told
    assert "seat" not in told, "they go on with the next certificate"
    assert run(["--json", *REVOKE]) == 2
    assert "certificate, until" not in capsys.readouterr().err
    assert asked == []


def test_revoking_does_not_wait_for_a_peer(
    asked: list[tuple[Any, ...]],
    client: SimpleNamespace,
    piped: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    def unreachable(**_: Any) -> Any:
        raise Unreachable("the peer does not answer")

    client.committees = SimpleNamespace(iterate=unreachable)
    piped(b"y\n", terminal=True)
    assert run(list(REVOKE)) == 0
    assert "on the ledger could not be read: the peer does not answer" in capsys.readouterr().err
    assert asked == [("revoke", "kim", "keycompromise")]


def test_revoking_asks_first(
    asked: list[tuple[Any, ...]],
    client: SimpleNamespace,
    piped: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    leaving(client)
    piped(b"")
    assert run(list(REVOKE)) == 2
    piped(b"n\n", terminal=True)
    assert run(list(REVOKE)) == 2
    assert "Revoke all certificates and the registration of hanbit/kim?" in capsys.readouterr().err
    assert asked == []
    piped(b"y\n", terminal=True)
    assert run(list(REVOKE)) == 0
    assert asked == [("revoke", "kim", "keycompromise")]
    out = capsys.readouterr().out
    assert "medconsent-network crl" in out
    assert "medconsent committee remove" in out


def test_which_certificates_are_revoked(asked: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]) -> None:
    for which in ("all", "outdated"):
        told = ask(capsys, *REVOKE, "--certificates", which, "--yes")
        assert told == {"person": "hanbit/kim", "revoked": 2, "registered": True, "reason": "keycompromise"}
        assert asked.pop() == ("revoke_certificates", "kim", "keycompromise", which)
    assert run([*REVOKE, "--certificates", "all", "--yes"]) == 0
    assert "medconsent identity secret kim --secret-out FILE" in capsys.readouterr().out


def test_no_registrar_revokes_themself_and_no_reason_is_made_up(asked: list[tuple[Any, ...]]) -> None:
    assert run(["identity", "revoke", "r", "--reason", "unspecified", "--yes"]) == 2
    assert run(["identity", "revoke", "kim", "--reason", "removefromcrl", "--yes"]) == 2
    assert run(["identity", "revoke", "kim", "--yes"]) == 2
    assert asked == []
