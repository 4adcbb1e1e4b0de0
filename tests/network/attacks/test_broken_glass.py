"""Two people of hanbit keep glass broken, with the honest programs and chaincode; nuri makes more of what they opened.

Who: two officers who work together; the institution that gets the data, with chaincode of its own. What must hold: an
emergency ends, is justified by somebody who did not take part, and does not come back at once; what it opened goes to
the key that stood then.
"""

import contextlib
import time
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from actors import Actor, Refused
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from past import Owner, canonical
from scene import RESEARCH, Scene, question, with_another

from medconsent.values.releases import Ask, Files

LEE = "saerom/lee"
PROPOSER, SECOND, THIRD = ("hanbit/p-1", "privacy"), ("hanbit/p-2", "privacy"), ("hanbit/p-3", "privacy")
THREE_DAYS = 72 * 3600


def attempt(actor: Actor, function: str, argument: Any, *endorsers: str) -> None:
    """Whatever the contract answers."""
    with contextlib.suppress(Refused):
        actor.change(function, argument, *endorsers)


@pytest.fixture(scope="session")
def scene(crowded_scene: Scene) -> Scene:
    """Where hanbit's privacy officers may be seated: elsewhere a test invents their committee."""
    return crowded_scene


@pytest.fixture
def shut(scene: Scene) -> str:
    """A dataset of hanbit's, whose privacy officers are seated, and nothing is open."""
    dataset = f"hanbit/glass-{time.time_ns() % 10**8}"
    scene.publish(dataset, ("hanbit", "dac"))
    scene.seat("hanbit", "privacy", "p-1", "p-2", "p-3", "privacy")
    for standing in scene.listed("breakglass.list", owner="hanbit"):
        record = standing.get("breakglass", {}).get("record", {})
        if record.get("status") == "open":
            scene.revoke(record["body"]["grant"]) if standing["state"] == "open" else None
            for who in (THIRD, SECOND, PROPOSER):
                attempt(scene.actor(*who), "breakglass.justify", justification(record["id"]), *with_another("hanbit"))
    return dataset


def justification(record: str) -> dict[str, str]:
    return {"breakglass": record, "justification": "it had to be"}


def opened(scene: Scene, dataset: str, seconds: int = THREE_DAYS, *, to: str = LEE) -> str:
    """Proposed by one, confirmed by another; the record. Raises `Refused`."""
    institution, person = to.split("/")
    proposal = {
        "dataset": dataset,
        "institution": institution,
        "people": [person],
        "purpose": RESEARCH,
        "mode": "download",
        "duration_seconds": seconds,
        "reason": "an emergency",
    }
    record = str(scene.actor(*PROPOSER).change("breakglass.propose", proposal, *with_another("hanbit"))["id"])
    second = scene.actor(*SECOND)
    digest = second.ask("breakglass.get", {"breakglass": record})["breakglass"]["digest"]
    second.change("breakglass.confirm", {"breakglass": record, "digest": digest}, *with_another("hanbit"))
    return record


def test_an_emergency_is_not_justified_while_it_lasts(scene: Scene, shut: str) -> None:
    record = opened(scene, shut)
    with pytest.raises(Refused):
        scene.actor(*THIRD).change("breakglass.justify", justification(record), *with_another("hanbit"))


@pytest.mark.parametrize("who", [PROPOSER, SECOND, ("hanbit/p-9", "privacy")], ids=["proposed", "confirmed", "got it"])
def test_those_who_took_part_do_not_justify(scene: Scene, shut: str, who: tuple[str, str]) -> None:
    """Neither who proposed it, nor who confirmed it, nor who was given the data (here a privacy officer of hanbit)."""
    scene.actor("hanbit/p-9", "privacy")
    record = opened(scene, shut, 3, to="hanbit/p-9")
    time.sleep(4)
    with pytest.raises(Refused):
        scene.actor(*who).change("breakglass.justify", justification(record), *with_another("hanbit"))


def test_four_times_72_hours(scene: Scene, shut: str) -> None:
    """Justified by a third person each time, so that nothing but the bound is left."""
    records = []
    for _ in range(4):
        with contextlib.suppress(Refused):
            records.append(opened(scene, shut))
        for who in (THIRD, SECOND, PROPOSER):
            for record in records:
                attempt(scene.actor(*who), "breakglass.justify", justification(record), *with_another("hanbit"))
    assert len(records) == 1, f"opened {len(records)} times for 72 hours within a minute"


def test_never_two_at_a_time_for_one_person(scene: Scene, shut: str) -> None:
    first = opened(scene, shut, 3600)
    for who in (THIRD, SECOND, PROPOSER):
        attempt(scene.actor(*who), "breakglass.justify", justification(first), *with_another("hanbit"))
    with pytest.raises(Refused):
        opened(scene, shut, 3600)
    assert scene.auditor.ask("check", question(LEE, shut))["decision"] == "permit"


def test_another_delivery_key_is_dated_back(scene: Scene, shut: str) -> None:
    """nuri's han had announced a delivery key that nobody had admitted when hanbit opened its data to them. Afterwards
    it is, and nuri, with chaincode of its own, says that it had been before.
    """
    han, door, archived = scene.actor("nuri/han", "researcher"), scene.actor("hanbit/door", "gateway"), "a5" * 32
    raw = X25519PrivateKey.generate().public_key().public_bytes_raw()
    told = han.change("person.announce", {"delivery": b64encode(raw).decode()}, *with_another("nuri"))
    delivery = told["body"]["delivery"]["sha256"]
    record = opened(scene, shut, 3600, to="nuri/han")
    grant = scene.auditor.ask("breakglass.get", {"breakglass": record})["breakglass"]["record"]["body"]["grant"]
    admits = {"person": "han", "key": han.fingerprint, "delivery": delivery}
    key = scene.actor("nuri/chair").change("person.admit", admits, *with_another("nuri"))
    nuri = Owner.of(scene.actor("nuri/mallory", "researcher"), scene.auditor)
    at = key["changes"][0]["at"]
    dated = {"changes": [change | {"at": at} for change in key["changes"]], "updated_at": at}
    last = {"revision": key["revision"] + 1}
    where = f"person/nuri/han/{key['changes'][0]['tx']}"
    assert nuri.rewrites(where, canonical(key | dated | last)).code == "VALID"
    digest = door.ask("dataset.get", {"dataset": shut})["version"]["digest"]
    files = Files(archived, 1, 1)
    kept = {"dataset": shut, "version": 1, "version_digest": digest, "files": files.to_json()}
    archive = door.change("archive.publish", kept, *with_another("hanbit"))["id"]
    ask = Ask(grant, "nuri/han", delivery, archive, files).signed(
        han.fingerprint, han.key.signer.sign, datetime.now(UTC)
    )
    with pytest.raises(Refused) as refused:
        door.endorse("release.open", ask.to_json(), *with_another("hanbit"))
    assert refused.value.code == "RELEASE_DENIED"
    assert "DELIVERY_NOT_COVERED" in str(refused.value)
