"""`medconsent doctor` on a real network: what is well says so, and each thing that is wrong says how it is mended."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from identities import issue
from people import Person
from scenario import Cast

from medconsent.contexts import Contexts
from medconsent.doctor import Patient, examine

UNWELL = 10


def findings(person: Person, state: str, exit_code: int) -> list[dict[str, Any]]:
    """What the doctor finds in such a state on somebody's computer; the exit code is the one that is expected."""
    items = person.alone("--json", "doctor", "--timeout", "3", exit_code=exit_code).json["items"]
    assert all(one["mend"] for one in items if one["state"] in {"wrong", "warning"}), items
    return [one for one in items if one["state"] == state]


def told(found: list[dict[str, Any]]) -> str:
    return "\n".join(f"{one['about']}: {one['message']} -> {one['mend']}" for one in found)


@pytest.fixture
def copied(cast: Cast, tmp_path: Path) -> tuple[Person, Path]:
    """hanbit/d-1 on another computer, with the folder of the context there, in which things can be broken."""
    person = cast.people["hanbit/d-1"]
    home = tmp_path / "home"
    shutil.copytree(person.home, home)
    return Person(person.name, home), home / "contexts" / "hanbit" / "d-1"


@pytest.mark.parametrize("name", ["hanbit/steward", "hanbit/d-1", "nuri/kim", "nuri/operator-1"])
def test_who_has_all_that_they_need_is_well(cast: Cast, name: str) -> None:
    assert findings(cast.people[name], "wrong", 0) == []


def test_a_registrar_is_well(cast: Cast) -> None:
    found = findings(cast.registrar("hanbit"), "ok", 0)
    assert "identity: a registrar of the CA, who needs no role" in told(found)
    assert findings(cast.registrar("hanbit"), "warning", 0) == []
    assert findings(cast.registrar("hanbit"), "wrong", 0) == []


def test_a_wrong_port_is_a_peer_that_is_not_reached(copied: tuple[Person, Path]) -> None:
    person, folder = copied
    settings = json.loads((folder / "context.json").read_text())
    (folder / "context.json").write_text(json.dumps({**settings, "endpoint": "127.0.0.1:1"}))
    wrong = told(findings(person, "wrong", UNWELL))
    assert "peer: " in wrong
    assert "127.0.0.1:1" in wrong


def test_an_identity_of_an_earlier_network_is_made_anew(copied: tuple[Person, Path]) -> None:
    """The same names, and the key and certificate of a CA that is gone."""
    person, folder = copied
    certificate, signer = issue("d-1", "dac")
    (folder / "cert.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(signer.to_pem())
    wrong = told(findings(person, "wrong", UNWELL))
    assert "does not take the identity" in wrong
    assert "medconsent identity enroll ID --profile FILE --replace" in wrong


def test_a_server_of_an_earlier_network_is_told(copied: tuple[Person, Path]) -> None:
    """The roots that the context pins are not those of the servers that answer there now."""
    person, folder = copied
    other, _signer = issue("tls", "")
    for file in folder.glob("*tls*.pem"):
        file.write_bytes(other)
    wrong = told(findings(person, "wrong", UNWELL))
    assert "peer: " in wrong
    assert "--replace" in wrong


def test_a_certificate_that_has_ended_is_told(cast: Cast) -> None:
    """As it will be seen in two years, by this machine's clock."""
    later = datetime.now(UTC) + timedelta(days=730)
    patient = Patient("hanbit/d-1", 3.0, Contexts(cast.people["hanbit/d-1"].home), later)
    ended = [one for one in examine(patient) if one.about == "identity" and one.state == "wrong"]
    assert ended
    assert "identity" in ended[0].mend


def test_who_has_no_role_is_told_who_gives_one(cast: Cast) -> None:
    nobody = cast.enrol("nuri/norole")
    warned = told(findings(nobody, "warning", 0))
    assert "the certificate has no role" in warned
    assert "medconsent identity roles" in warned


def test_a_role_without_an_office_or_a_seat_is_told_who_gives_it(cast: Cast) -> None:
    member = cast.enrol("hanbit/noseat", "dac")
    warned = told(findings(member, "warning", 0))
    assert "no seat there: hanbit/dac" in warned
    assert "medconsent committee add dac noseat" in warned


def test_a_peer_that_is_down_is_told_to_its_own_people_and_to_others(cast: Cast) -> None:
    cast.network.stop("nuri", "peer")
    try:
        assert "peer: " in told(findings(cast.people["nuri/kim"], "wrong", UNWELL))
        others = told(findings(cast.people["hanbit/d-1"], "warning", 0))
        assert "the peer of nuri is not reached" in others
        assert "ask nuri" in others
    finally:
        cast.network.start("nuri", "peer")
        cast.network.wait_ready()
