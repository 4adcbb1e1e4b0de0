"""No officer alone, as the officers of hanbit meet it: what one does that widens waits in the other's inbox, in words.

Who else could do it: the registrar, with a certificate in somebody's name; a member who has changed their key.
"""

import json
import re
import time
from typing import Any

import pytest
from people import REFUSED, Person
from scenario import SECOND, Cast, seats

from medconsent_network import identities


@pytest.fixture
def name() -> str:
    """An enrolment id that nobody has yet."""
    return f"m-{time.time_ns() % 10**8}"


@pytest.fixture
def steward(cast: Cast) -> Person:
    return cast.people["hanbit/steward"]


@pytest.fixture
def second(cast: Cast) -> Person:
    return cast.people[f"hanbit/{SECOND}"]


def proposed(person: Person, *arguments: str) -> dict[str, Any]:
    """The id, and in words what it widens, of the proposal that came of what one officer did alone."""
    answer = person.alone("--json", *arguments).json
    assert set(answer) == {"proposal", "transaction_id", "block"}
    return {"id": answer["proposal"]["id"], "widens": answer["proposal"]["body"]["widens"]}


def seated(person: Person, role: str) -> list[str]:
    """Who sits on hanbit's committee now."""
    return sorted(seat["id"] for seat in seats_of(person, role) if not seat.get("until"))


def seats_of(person: Person, role: str) -> list[dict[str, str]]:
    """The seats that there are and were."""
    return list(person.json("committee", "show", f"hanbit/{role}")["record"]["body"]["seats"])


def test_a_seat_waits_in_the_second_officers_inbox_in_words(
    cast: Cast, steward: Person, second: Person, name: str
) -> None:
    cast.enrol(f"hanbit/{name}", "ethics")
    told = steward.alone("committee", "set", "ethics", *seats(name), "--yes")
    waits = re.search(r"next: it waits for a second officer of hanbit: medconsent proposal confirm (\w+)", told.stdout)
    assert waits is not None, str(told)
    assert re.search(rf"^widens +{name} sits on hanbit/ethics, by the key [0-9a-f]{{64}}$", told.stdout, re.MULTILINE)

    inbox = second.alone("inbox").stdout
    assert f"{name} sits on hanbit/ethics" in inbox
    assert waits[1] in inbox
    assert waits[1] not in steward.alone("inbox").stdout  # nothing that one could do oneself

    own = steward.alone("--json", "proposal", "confirm", waits[1], "--yes", exit_code=REFUSED)
    assert own.error["code"] == "OWN_REQUEST"
    for stranger in ("hanbit/d-1", "nuri/operator-1"):
        refused = cast.people[stranger].alone("--json", "proposal", "confirm", waits[1], "--yes", exit_code=REFUSED)
        assert refused.error["code"] == "FORBIDDEN", stranger
    unasked = second.alone("proposal", "confirm", waits[1], exit_code=2)
    assert "--yes" in unasked.stderr

    confirmed = second.alone("proposal", "confirm", waits[1], "--yes").stdout
    assert f"{name} sits on hanbit/ethics" in confirmed
    assert seated(steward, "ethics") == [name]
    assert second.json("proposal", "show", waits[1])["state"] == "confirmed"
    again = second.alone("--json", "proposal", "confirm", waits[1], "--yes", exit_code=REFUSED)
    assert again.error["code"] == "DECIDED"


def test_taking_away_waits_for_nobody(cast: Cast, steward: Person, name: str) -> None:
    for each in (name, f"{name}-2"):
        cast.enrol(f"hanbit/{each}", "ethics")
    steward.run("committee", "set", "ethics", *seats(name, f"{name}-2"), "--yes")
    steward.alone("committee", "set", "ethics", *seats(name), "--yes")
    assert seated(steward, "ethics") == [name]


def test_a_proposal_is_rejected_or_withdrawn(cast: Cast, steward: Person, second: Person, name: str) -> None:
    cast.enrol(f"hanbit/{name}", "ethics")
    cast.enrol(f"hanbit/{name}-2", "ethics")
    steward.run("committee", "set", "ethics", *seats(f"{name}-2"), "--yes")
    rejected = proposed(steward, "committee", "set", "ethics", *seats(name), "--yes")["id"]
    second.alone("proposal", "reject", rejected, "--reason", "not this one", "--yes")
    withdrawn = proposed(steward, "committee", "set", "ethics", *seats(name), "--yes")["id"]
    steward.alone("proposal", "reject", withdrawn, "--yes")
    for gone, state in ((rejected, "rejected"), (withdrawn, "withdrawn")):
        assert second.json("proposal", "show", gone)["state"] == state
        refused = second.alone("--json", "proposal", "confirm", gone, "--yes", exit_code=REFUSED)
        assert refused.error["code"] == "DECIDED"
    assert seated(steward, "ethics") == [f"{name}-2"]


def test_what_has_changed_meanwhile_is_not_confirmed(cast: Cast, steward: Person, second: Person, name: str) -> None:
    for each in (name, f"{name}-2"):
        cast.enrol(f"hanbit/{each}", "ethics")
    both = proposed(steward, "committee", "set", "ethics", *seats(name, f"{name}-2"), "--yes")["id"]
    steward.run("committee", "set", "ethics", *seats(name), "--yes")  # one of the two, meanwhile
    refused = second.alone("--json", "proposal", "confirm", both, "--yes", exit_code=REFUSED)
    assert refused.error["code"] == "CONFLICT"
    assert "changed" in second.alone("proposal", "show", both).stdout
    assert seated(steward, "ethics") == [name]


def test_another_key_takes_the_one_before_or_two_officers(
    cast: Cast, steward: Person, second: Person, name: str
) -> None:
    """The registrar has a certificate in the member's name: for a key that nobody admitted, it is no member's."""
    member = cast.enrol(f"hanbit/{name}", "ethics")
    steward.run("committee", "set", "ethics", *seats(name), "--yes")
    seat = next(it for it in seats_of(steward, "ethics") if it["id"] == name)

    member.run("identity", "reenroll")  # the same key: nothing changes
    member.refused("CONFLICT", "person", "announce")
    member.run("identity", "reenroll", "--new-key")
    key = member.json("person", "announce")["body"]["fingerprint"]
    assert key != seat["key"]
    own = member.alone("--json", "person", "admit", name, "--key", key, exit_code=REFUSED)
    assert own.error["code"] == "OWN_REQUEST"
    waiting = proposed(steward, "person", "admit", name, "--key", key)
    assert waiting["widens"] == [f"{name} of hanbit has the key {key}, and the key before it did not say so"]
    second.alone("proposal", "confirm", waiting["id"], "--yes")
    listed = second.json("person", "list", "--institution", "hanbit", "--person", name)["items"]
    states = {it["record"]["body"]["fingerprint"]: it["record"]["status"] for it in listed}
    assert states == {seat["key"]: "ended", key: "active"}
    # the seat still counts for the key that it was given for, and for no other
    assert [it["key"] for it in seats_of(steward, "ethics") if it["id"] == name] == [seat["key"]]
    moved = proposed(steward, "committee", "set", "ethics", *seats(f"{name},key={key}"), "--yes")
    assert key in moved["widens"][0]
    second.alone("proposal", "confirm", moved["id"], "--yes")


def test_a_registrar_in_an_officers_name_confirms_nothing(
    cast: Cast, steward: Person, second: Person, name: str
) -> None:
    """A new secret for the second officer, set at the CA without the program: an office is a key."""
    cast.enrol(f"hanbit/{name}", "ethics")
    waiting = proposed(steward, "committee", "set", "ethics", *seats(name), "--yes")["id"]
    home = cast.network.home("hanbit")
    with identities.client(home, "ca") as ca:
        told = json.dumps({"secret": "known to the registrar", "max_enrollments": -1}).encode()
        ca._wire.send("PUT", f"identities/{SECOND}", told, registrar=identities.registrar(home))
    secret = cast.folder / f"{name}.secret"
    secret.write_text("known to the registrar")
    impostor = Person(f"hanbit/{SECOND}", cast.folder / "hanbit" / f"impostor-{name}")
    impostor.run(
        "identity", "enroll", SECOND, "--profile", str(home.path / "connection.json"), "--secret-file", str(secret)
    )
    refused = impostor.alone("--json", "proposal", "confirm", waiting, "--yes", exit_code=REFUSED)
    assert refused.error["code"] == "FORBIDDEN"
    assert "key" in refused.error["message"]
    second.alone("proposal", "confirm", waiting, "--yes")
