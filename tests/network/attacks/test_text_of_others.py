"""Text that others put on the ledger reaches another key, fools whoever reads it, or drives a terminal or spreadsheet.

Who: people of hanbit and of its CA; colluders with chaincode of their own; a requester. What is shown is what the
program prints for hanbit's own people.
"""

import csv
import io
import time
from pathlib import Path
from typing import Any

import pytest
from actors import Actor, Refused
from colluders import Colluders
from forge import Key
from people import Person
from scene import Scene, publication, with_another
from watching import at_home

from medconsent.fabric.identity import Identity, PrivateKeySigner
from medconsent_network import identities

FORMULA = "=cmd|' /C calc'!A0"
ESCAPE = "\x1b]0;owned\x07\x1b[2J"
TITLES = {
    "control": "a\x07b",
    "escape": f"a{ESCAPE}b",
    "two lines": "a\nb",
    "right to left": "a\u202eb",
    "isolate": "a\u2066b",
    "zero width": "a\u200bb",
    "soft hyphen": "a\u00adb",
    "line separator": "a\u2028b",
    "tag": "a\U000e0041b",
    "not NFC": "e\u0301",
}
SLUGS = ("a/b", "a#at1", "A", "\u0430", "a\u200b", "a b", "..", "a\x00b", "a\u2215b", "")
PEOPLE = ("op/x", "op#1", "Op", "op x")


@pytest.fixture
def name() -> str:
    return f"text-{time.time_ns() % 10**8}"


def refused(actor: Actor, function: str, argument: Any) -> str:
    with pytest.raises(Refused) as told:
        actor.endorse(function, argument, *with_another("hanbit"))
    return told.value.code


def test_names_that_reach_another_key_or_fool_a_reader(scene: Scene, name: str) -> None:
    publish = publication(name, ("hanbit", "dac"))
    scene.steward.endorse("dataset.publish", publish, *with_another("hanbit"))  # the control
    for says, title in TITLES.items():
        assert refused(scene.steward, "dataset.publish", publish | {"title": title}) == "INVALID", says
    for slug in SLUGS:
        assert refused(scene.steward, "dataset.publish", publish | {"slug": slug}) == "INVALID", ascii(slug)
        wrong = {"role": "dac", "members": [{"id": slug, "key": scene.steward.fingerprint}]}
        assert refused(scene.steward, "committee.set", wrong) == "INVALID", ascii(slug)


@pytest.mark.parametrize("person", PEOPLE)
def test_people_whose_names_reach_another_key(scene: Scene, person: str) -> None:
    """The registrar of hanbit's CA, without the program, makes somebody known whose name ends a key early."""
    home = scene.network.home("hanbit")
    with identities.client(home, "ca") as ca:
        secret = ca.register(
            identities.registrar(home), person, attributes={"medconsent.roles": "operator,steward,dac"}
        )
        issued = ca.enroll(person, secret)
    assert isinstance(issued.signer, PrivateKeySigner)
    actor = Actor.at(home, Key(Identity("hanbit", issued.certificate_pem), issued.signer), scene.seen)
    for function in ("person.announce", "committee.unseat"):
        argument = {} if function == "person.announce" else {"role": "dac", "members": ["d-1"]}
        assert refused(actor, function, argument) == "FORBIDDEN"


@pytest.fixture
def auditor(scene: Scene, tmp_path: Path) -> Person:
    """hanbit's auditor at their own computer, with the program."""
    return at_home(scene.network, "hanbit/auditor", tmp_path)


def test_a_terminal_is_not_driven(
    scene: Scene, colluders: Colluders, auditor: Person, name: str, tmp_path: Path
) -> None:
    """By the keys of records that nobody sealed, which are named; by private text, which may have many lines."""
    for kind in ("dataset", "grant", "committee"):
        key, entry = f"{kind}/hanbit/{name}{ESCAPE}/$TX", f"i/{kind}-all/{ESCAPE}/$TX"
        put = [{"do": "put", "key": each, "value": f'{{"type":"{kind}","id":"{name}"}}'} for each in (key, entry)]
        assert colluders.write("altered chaincode", *put).code == "VALID"
    scene.publish(f"hanbit/{name}", ("hanbit", "dac"))
    scene.actor("nuri/kim", "researcher")
    letter = tmp_path / "letter.txt"
    letter.write_text(f"a plan\n{ESCAPE}")
    asks = at_home(scene.network, "nuri/kim", tmp_path).json(
        "request", "submit", f"hanbit/{name}", "--purpose", "general-research", "--mode", "download", "--days", "3",
        "--project", "A project", "--description", str(letter),
    )  # fmt: skip
    scene.seen.block = max(scene.seen.block, asks["block"])
    text = at_home(scene.network, "hanbit/d-1", tmp_path).run(
        "--wait-block", str(asks["block"]), "text", "show", asks["id"]
    )
    assert "a plan" in text.stdout
    assert "\\u001b" in text.stdout
    shown = [text]
    for words in (("dataset", "list"), ("grant", "list"), ("committee", "list"), ("audit", "trail", f"hanbit/{name}")):
        shown.append(auditor.run("--wait-block", str(asks["block"]), *words, exit_code=None))
    assert any("owned" in ran.stdout + ran.stderr for ran in shown[1:]), "what nobody sealed is named"
    for ran in shown:
        assert not {"\x1b", "\x07"} & {*ran.stdout, *ran.stderr}, str(ran)


def test_a_spreadsheet_runs_nothing(scene: Scene, auditor: Person, name: str, tmp_path: Path) -> None:
    """A requester gives a grant up with a formula for a reason; a title is one."""
    dataset = f"hanbit/{name}"
    publish = publication(name, ("hanbit", "dac")) | {"title": "@SUM(A1)"}
    scene.steward.change("dataset.publish", publish, *with_another("hanbit"))
    scene.ground(dataset)
    grant = scene.grant("nuri/kim", dataset)["id"]
    scene.actor("nuri/kim").change("grant.relinquish", {"grant": grant, "reason": FORMULA}, "hanbit")
    block = str(scene.seen.block)
    for words in (("audit", "report"), ("audit", "trail", dataset)):
        told = auditor.run("--wait-block", block, *words, "--csv", "-").stdout
        rows = list(csv.reader(io.StringIO(told.removeprefix("\ufeff"))))
        assert FORMULA in told, words
        assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")], words
