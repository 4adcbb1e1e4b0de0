"""Receipts that nobody may have: invented, written anew, taken off the lists.

Who: nuri, the owner of the data, alone with chaincode of its own, or with saerom, which endorses what is new. What must
hold: on hanbit's peer a receipt says for ever what was opened, and one that the contract cannot have opened is shown
`unproven` and lets nothing leave.
"""

import json
import time
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from actors import Actor, Refused
from colluders import REFUSED, Colluders
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from doing import restated
from past import Owner, canonical
from scene import Scene, with_another

from medconsent.values.releases import Ask, Files

DATASET, WHO = "nuri/leaving", "hanbit/ines"
FILES = Files("a5" * 32, 1, 1)


@dataclass(frozen=True)
class Leaving:
    """What nuri keeps ready for hanbit's ines, whose gateway opens it in the honest way."""

    scene: Scene
    ines: Actor
    door: Actor
    ask: Ask

    def opened(self) -> dict[str, Any]:
        """An honest receipt, as hanbit's peer shows it."""
        time.sleep(1.1)  # an ask is signed to the second
        ask = self.ask.signed(self.ines.fingerprint, self.ines.key.signer.sign, datetime.now(UTC))
        made = self.door.change("release.open", ask.to_json(), *with_another("nuri"))
        shown = self.shown(made["id"])
        assert "unproven" not in shown
        return dict(shown["receipt"])

    def shown(self, receipt: str) -> Any:
        return self.scene.auditor.ask("receipt.get", {"receipt": receipt})

    def lets_out(self, receipt: str) -> bool:
        """Whether a release may go on, as hanbit's peer says."""
        return bool(self.scene.auditor.ask("release.check", {"receipt": receipt})["answer"] == "permit")


@pytest.fixture(scope="module")
def nuri(scene: Scene) -> Owner:
    """The owner of the data, with chaincode of its own; hanbit's auditor sees what comes of it."""
    return Owner.of(scene.actor("nuri/mallory", "researcher"), scene.auditor)


@pytest.fixture(scope="module")
def leaving(scene: Scene) -> Leaving:
    """A grant, an archive, and two keys."""
    ines, second = scene.actor(WHO, "researcher"), scene.actor("hanbit/chair", "operator", "privacy", "steward")
    raw = X25519PrivateKey.generate().public_key().public_bytes_raw()
    announced = ines.change("person.announce", {"delivery": b64encode(raw).decode()}, *with_another("hanbit"))
    delivery = announced["body"]["delivery"]["sha256"]
    admits = {"person": "ines", "key": ines.fingerprint, "delivery": delivery}
    second.change("person.admit", admits, *with_another("hanbit"))
    scene.publish(DATASET, ("nuri", "dac"))
    grant = scene.grant(WHO, DATASET, "nuri/mallory-2")["id"]
    door = scene.actor("nuri/door", "gateway")
    version = door.ask("dataset.get", {"dataset": DATASET})["version"]
    kept = {"dataset": DATASET, "version": 1, "version_digest": version["digest"], "files": FILES.to_json()}
    archive = door.change("archive.publish", kept, *with_another("nuri"))["id"]
    return Leaving(scene, ines, door, Ask(grant, WHO, delivery, archive, FILES))


def as_another(nuri: Owner, receipt: dict[str, Any], value: bytes) -> list[dict[str, Any]]:
    """All that opened a receipt, for another one, which says `value`: the record, its seal, its entries."""
    old = receipt["record"]["id"]
    key = f"receipt/{old}"
    put = {"do": "put", "key": "receipt/$TX", "value": value.decode().replace(old, "$TX")}
    entries = [name for name in nuri.past.written(old) if name != key and old in name]
    assert len(entries) >= 5, "the lists are what is shown"
    listed = [
        {"do": "put", "key": it.replace(old, "$TX"), "value": nuri.past.value(it).decode().replace(old, "$TX")}
        for it in entries
    ]
    return [put, put | {"do": "seal", "owner": receipt["record"]["owner"]}, *listed]


@pytest.mark.parametrize(
    "invented",
    [
        {},  # the same ask once more
        {"files": {"root": "b6" * 32, "count": 1, "bytes": 1}},
        {"grant": "cd" * 32},
        {"archive": "cd" * 32},
        {"person": {"institution": "hanbit", "id": "park"}},
        {"delivery": "cd" * 32},
    ],
    ids=["same-ask", "files", "grant", "archive", "person", "delivery"],
)
def test_two_invent_a_receipt(leaving: Leaving, nuri: Owner, colluders: Colluders, invented: dict[str, Any]) -> None:
    """The owner and another one make a majority, and seal it."""
    honest = leaving.opened()
    record = honest["record"] | {"body": honest["record"]["body"] | invented}
    made = colluders.write("altered chaincode", *as_another(nuri, honest, canonical(record)))
    assert made.code == "VALID"
    shown = leaving.shown(made.transaction_id)
    assert shown["unproven"], shown
    assert not leaving.lets_out(made.transaction_id)
    assert leaving.lets_out(honest["record"]["id"])


def test_two_others_invent_a_receipt(leaving: Leaving, nuri: Owner, colluders: Colluders) -> None:
    """Of hanbit's data: its seal is hanbit's."""
    honest = leaving.opened()
    body = honest["record"]["body"] | {"dataset": "hanbit/leaving"}
    value = canonical(honest["record"] | {"owner": "hanbit", "body": body})
    of_hanbit = honest | {"record": honest["record"] | {"owner": "hanbit"}}
    operations = as_another(nuri, of_hanbit, value)
    assert colluders.write("altered chaincode", *operations).code == REFUSED
    unsealed = colluders.write("altered chaincode", *(it for it in operations if it["do"] != "seal"))
    assert unsealed.code == "VALID"
    for function in ("receipt.get", "release.check"):
        with pytest.raises(Refused) as refused:
            leaving.scene.auditor.ask(function, {"receipt": unsealed.transaction_id})
        assert refused.value.code == "FORGED"


def test_the_owner_writes_a_receipt_anew(leaving: Leaving, nuri: Owner) -> None:
    """Its first state is sealed once."""
    honest = leaving.opened()
    said = canonical(
        honest["record"] | {"body": honest["record"]["body"] | {"person": {"institution": "nuri", "id": "x"}}}
    )
    assert nuri.rewrites(honest["key"], said).code == REFUSED
    assert leaving.shown(honest["record"]["id"])["receipt"] == honest


@pytest.mark.parametrize("said", ["files", "delivery", "person", "exclusions"])
def test_a_later_state_says_something_else(leaving: Leaving, nuri: Owner, said: str) -> None:
    """Nothing but the outcome may change."""
    honest = leaving.opened()
    other: dict[str, Any] = {
        "files": {"root": "b6" * 32, "count": 1, "bytes": 1},
        "delivery": "cd" * 32,
        "person": {"institution": "hanbit", "id": "park"},
        "exclusions": [{"cohort": "nuri/cohort", "epoch": 9}],
    }
    assert restated(nuri, honest, {said: other[said]}).code == "VALID"
    with pytest.raises(Refused) as refused:
        leaving.shown(honest["record"]["id"])
    assert refused.value.code == "FORGED"


def test_a_receipt_is_dated_back(leaving: Leaving, nuri: Owner) -> None:
    """A later state says that it was opened a year before."""
    honest = leaving.opened()
    record = json.loads(nuri.past.value(honest["key"]))
    record["changes"][0]["at"] = "2025-01-01T00:00:00Z"
    standing = honest | {"record": record}
    assert restated(nuri, standing, {}).code == "VALID"
    try:
        shown = leaving.shown(honest["record"]["id"])
    except Refused as refused:
        assert refused.code == "FORGED"  # noqa: PT017
    else:
        assert shown["unproven"], shown
        assert not leaving.lets_out(honest["record"]["id"])


def test_a_receipt_is_taken_off_the_lists(leaving: Leaving, nuri: Owner, colluders: Colluders) -> None:
    """Each entry, by two of three."""
    honest = leaving.opened()
    entries = [key for key in nuri.past.written(honest["record"]["id"]) if key.startswith("i/")]
    codes = {key: colluders.write("altered chaincode", {"do": "delete", "key": key}).code for key in entries}
    assert len(codes) >= 5
    assert set(codes.values()) == {REFUSED}, codes
    assert "unproven" not in leaving.shown(honest["record"]["id"])
