"""An institution's leavers, role changes, lost secrets and lost keys: its registrar and its operator at work.

A certificate that is revoked at the CA is refused by every peer once the CA's list is in the channel.
"""

import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from people import REFUSED, USAGE, Person, Ran
from scenario import Cast

from medconsent.contexts import Context, Contexts
from medconsent.fabric import Gateway
from medconsent.fabric.errors import EvaluateError
from medconsent_network.consortium import Consortium

ASK = ("dataset", "list")


@pytest.fixture
def registrar(cast: Cast) -> Person:
    return cast.registrar("hanbit")


@pytest.fixture
def name() -> str:
    """An enrolment id that nobody has yet."""
    return f"e-{time.time_ns() % 10**9}"


def publish_list(network: Consortium, *, institution: str = "hanbit") -> str:
    """The institution's operator puts the CA's list into the channel; what they are told."""
    command = [sys.executable, "-m", "medconsent_network", "--network", str(network.folder), "crl"]
    ran = subprocess.run(
        [*command, "--institution", institution], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def member(registrar: Person, name: str) -> Any:
    """What the registrar's list shows of somebody."""
    return next(one for one in registrar.json("identity", "list")["items"] if one["id"] == name)


def context_of(person: Person) -> Context:
    return Contexts(person.home).get()


def taken_by(network: Consortium, person: Person) -> list[str]:
    """The institutions whose peers answer somebody, each asked by itself."""
    context = context_of(person)
    identity, signer = context.load()
    answering = []
    for institution in network.institutions:
        home = network.home(institution)
        address, root = home.institution.address("peer"), home.tls_root.read_bytes()
        with Gateway(address, identity, signer, tls_root=root) as gateway:
            contract = gateway.channel(context.channel).contract(context.chaincode)
            try:
                contract.evaluate("contract.version", b"{}", target_organizations=[institution])
            except EvaluateError as error:
                if "access denied" not in error.diagnostics():
                    raise
            else:
                answering.append(institution)
    return answering


def refused_everywhere(network: Consortium, person: Person) -> None:
    """No peer takes them any more; other institutions' peers get the block a moment later."""
    for _ in range(50):
        if not (still := taken_by(network, person)):
            return
        time.sleep(0.2)
    pytest.fail(f"still taken by {still}")


def enroll(network: Consortium, name: str, secret: Path, home: Path, *more: str, exit_code: int = 0) -> Ran:
    profile = str(network.home("hanbit").connection_profile)
    command = ("identity", "enroll", name, "--profile", profile, "--secret-file", str(secret), *more)
    return Person(f"hanbit/{name}", home).run("--json", *command, exit_code=exit_code)


def test_a_leaver(network: Consortium, cast: Cast, registrar: Person, name: str) -> None:
    leaver = cast.enrol(f"hanbit/{name}", "researcher")
    leaver.json(*ASK)
    shown = member(registrar, name)
    assert (shown["state"], shown["roles"], shown["certificates"]) == ("enrolled", ["researcher"], 1)
    until = datetime.fromisoformat(shown["until"])
    assert timedelta(days=360) < until - datetime.now(UTC) < timedelta(days=366)
    assert f"{until:%Y-%m-%d}" in registrar.run("identity", "list").stdout

    revoke = ("identity", "revoke", name, "--reason", "cessationofoperation")
    asks = registrar.run(*revoke, exit_code=USAGE).stderr
    assert "--yes" in asks, "it asks first"
    assert "- 1 certificate, until" in asks
    assert taken_by(network, leaver) == list(network.institutions)
    told = registrar.run(*revoke, "--yes").stdout
    assert "revoked  1 certificate" in told
    assert "medconsent-network crl" in told
    assert member(registrar, name)["state"] == "revoked"
    assert leaver.run("--json", "identity", "reenroll", exit_code=REFUSED).error["code"] == "CA_20"

    assert taken_by(network, leaver) == list(network.institutions), "the peers do not know yet"
    assert "1 of them new" in publish_list(network)
    refused_everywhere(network, leaver)
    refused = leaver.run("--json", *ASK, exit_code=None)
    assert refused.exit_code != 0
    assert "revoked" in refused.error["hint"]
    assert "none of them new" in publish_list(network)
    cast.registrar("hanbit").json(*ASK)  # the others of the institution go on
    cast.people["hanbit/steward"].json(*ASK)


def test_the_lists_of_two_institutions_stand_beside_each_other(network: Consortium, cast: Cast, name: str) -> None:
    """Each administrator signs for their own institution alone; a later list of one leaves the other's."""
    people = [cast.enrol(f"{institution}/{name}") for institution in ("hanbit", "nuri")]
    for person in people:
        institution, _, enrolment_id = person.name.partition("/")
        revoke = ("identity", "revoke", enrolment_id, "--reason", "affiliationchanged", "--yes")
        cast.registrar(institution).run(*revoke)
        publish_list(network, institution=institution)
    for person in people:
        refused_everywhere(network, person)


def test_somebody_who_never_enrolled(network: Consortium, registrar: Person, name: str, tmp_path: Path) -> None:
    secret = tmp_path / "first"
    registrar.run("identity", "register", name, "--role", "dac", "--secret-out", str(secret))
    assert member(registrar, name) | {"state": "registered", "until": None} == member(registrar, name)
    registrar.run("identity", "revoke", name, "--reason", "unspecified", "--yes")
    assert member(registrar, name)["state"] == "revoked"
    assert enroll(network, name, secret, tmp_path / "home", exit_code=REFUSED).error["code"] == "CA_20"
    new = ("--secret-out", str(tmp_path / "new"))
    registrar.refused("IDENTITY_REVOKED", "identity", "secret", name, *new)
    registrar.refused("IDENTITY_REVOKED", "identity", "roles", name, "--role", "dac")
    assert not (tmp_path / "new").exists()


def test_a_secret_lost_before_enrolling(network: Consortium, registrar: Person, name: str, tmp_path: Path) -> None:
    lost, new, another = (tmp_path / one for one in ("lost", "new", "another"))
    registrar.run("identity", "register", name, "--role", "researcher", "--secret-out", str(lost))
    told = registrar.run("identity", "secret", name, "--secret-out", str(new))
    assert new.read_text().strip() not in told.stdout + told.stderr
    assert new.stat().st_mode & 0o777 == 0o600
    assert enroll(network, name, lost, tmp_path / "a", exit_code=REFUSED).error["code"] == "CA_20"
    assert enroll(network, name, new, tmp_path / "b").json["roles"] == ["researcher"]
    assert enroll(network, name, new, tmp_path / "c", exit_code=REFUSED).error["code"] == "CA_20", "it is good once"
    for file in network.home("hanbit").path.rglob("*"):
        if file.is_file() and not file.is_symlink():
            assert new.read_text().strip().encode() not in file.read_bytes(), file

    error = registrar.refused("ALREADY_ENROLLED", "identity", "secret", name, "--secret-out", str(another))
    assert f"medconsent identity revoke {name} --certificates all" in error["hint"]
    assert not another.exists()


def test_a_lost_key(network: Consortium, cast: Cast, registrar: Person, name: str, tmp_path: Path) -> None:
    lost = cast.enrol(f"hanbit/{name}", "researcher")
    cast.people.pop(lost.name)
    registrar.run("identity", "revoke", name, "--reason", "keycompromise", "--certificates", "all", "--yes")
    publish_list(network)
    refused_everywhere(network, lost)
    secret = tmp_path / "secret"
    registrar.run("identity", "secret", name, "--secret-out", str(secret))
    assert enroll(network, name, secret, tmp_path / "home").json["roles"] == ["researcher"]
    again = Person(lost.name, tmp_path / "home")
    again.json(*ASK)
    assert taken_by(network, again) == list(network.institutions)
    assert enroll(network, name, secret, tmp_path / "c", exit_code=REFUSED).error["code"] == "CA_20", "it is good once"
    assert member(registrar, name)["state"] == "enrolled"


def test_other_roles(network: Consortium, cast: Cast, registrar: Person, name: str, tmp_path: Path) -> None:
    person = cast.enrol(f"hanbit/{name}", "researcher", "dac")
    before = Person(person.name, tmp_path / "before")
    shutil.copytree(person.home, before.home)
    told = registrar.run("identity", "roles", name, "--role", "researcher", "--role", "privacy").stdout
    assert "were    researcher, dac" in told
    assert f"medconsent identity revoke {name} --reason privilegewithdrawn --certificates outdated" in told
    assert member(registrar, name)["roles"] == ["researcher", "privacy"]
    assert person.json("context", "show")["roles"] == ["researcher", "dac"], "as its certificate was issued"
    assert "researcher, privacy (still: dac)" in registrar.run("identity", "list").stdout
    assert person.json("identity", "reenroll")["roles"] == ["researcher", "privacy"]
    assert member(registrar, name)["certificates"] == 2

    registrar.run("identity", "revoke", name, "--reason", "privilegewithdrawn", "--certificates", "outdated", "--yes")
    publish_list(network)
    refused_everywhere(network, before)
    assert taken_by(network, person) == list(network.institutions)
    shown = member(registrar, name)
    assert (shown["certificates"], shown["acting_roles"]) == (1, ["researcher", "privacy"])

    registrar.run("identity", "roles", name, "--none")
    assert person.json("identity", "reenroll")["roles"] == []


def test_nobody_but_a_registrar(cast: Cast, name: str, tmp_path: Path) -> None:
    steward = cast.people["hanbit/steward"]
    for command in (
        ("list",),
        ("roles", "d-1", "--none"),
        ("secret", "d-1", "--secret-out", str(tmp_path / "s")),
        ("revoke", "d-1", "--reason", "unspecified", "--yes"),
    ):
        error = steward.run("--json", "identity", *command, exit_code=REFUSED).error
        assert error["code"].startswith("CA_"), error
        assert "registrar" in error["hint"], error
    unknown = cast.registrar("hanbit").run("--json", "identity", "roles", name, "--none", exit_code=REFUSED).error
    assert "medconsent identity list" in unknown["hint"], unknown
    oneself = ("identity", "revoke", "registrar", "--reason", "unspecified", "--yes")
    assert "another registrar" in cast.registrar("hanbit").run(*oneself, exit_code=USAGE).stderr
