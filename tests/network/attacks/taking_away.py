"""Every act that takes away, or says no, each ready to be done."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from actors import Actor
from doing import adopted, loaded
from scene import BASIS, MORE_MODES, OFFICES, Scene, application, ballot, policy, with_another
from statements import BREAST, CANCER, EPOCH, TERMS

COMMITMENT = "9f" * 32


@dataclass(frozen=True)
class Act:
    """Something that takes away: who does it, what they call, whose peers the client asks."""

    who: Actor
    function: str
    argument: dict[str, Any]
    endorsers: tuple[str, ...] = ("hanbit",)


NAMES = (
    "grant.revoke",
    "grant.suspend",
    "grant.relinquish",
    "request.withdraw",
    "vote reject",
    "vote recuse",
    "vote close",
    "vote reject, a disease of a hierarchy",
    "request.withdraw, a disease of a hierarchy",
    "a seat lost",
    "committee.undelegate",
    "consent.epoch",
    "consent.epoch, fewer diseases of a hierarchy",
    "consent.end",
    "basis.end",
    "text.purge",
    "an office lost",
    "person.end",
    "proposal.reject",
)


def acts(scene: Scene, mark: str) -> dict[str, Act]:
    """Each act, ready to be done, on things of its own that are called `mark`."""
    steward, privacy = scene.steward, scene.actor("hanbit/privacy", "privacy")
    member, park = scene.actor("hanbit/d-1", "dac"), scene.actor("hanbit/park", "researcher")
    dataset, purged = f"hanbit/{mark}", scene.actor("hanbit/d-2", "dac")
    scene.seat("hanbit", "dac", "d-1", "d-2")
    scene.seat("hanbit", "ethics", "e-1", "e-9")
    scene.publish(dataset, ("hanbit", "dac"))
    grants = [scene.grant(who, dataset)["id"] for who in ("nuri/kim", "saerom/lee", "hanbit/park")]
    asked = [scene.request("nuri/kim", dataset)["id"] for _ in range(4)]
    own = scene.request("hanbit/park", "nuri/cohort")["id"]
    until = f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}"
    deputy = scene.actor(f"hanbit/deputy-{mark}", "dac")
    lets = {"role": "dac", "deputy": f"deputy-{mark}", "deputy_key": deputy.fingerprint, "until": until}
    delegation = member.change("committee.delegate", lets, *with_another("hanbit"))["id"]
    for slug in (f"{mark}-a", f"{mark}-b"):
        begin = {"slug": slug, "title": "A cohort", "batch_seconds": 1, **EPOCH, "withdrawn": "none"}
        privacy.change("consent.begin", begin, *with_another("hanbit"))
    privacy.change("basis.set", {**BASIS, "slug": mark}, *with_another("hanbit"))
    chair, leaver = scene.actor("hanbit/chair", *sorted(OFFICES)), f"leaver-{mark}"
    scene.actor(f"hanbit/{leaver}", "operator")
    announced = deputy.change("person.announce", {}, *with_another("hanbit"))["id"]
    wider = {"dataset": dataset, "policy": policy(("hanbit", "dac"), modes=MORE_MODES)}
    waits = steward.alone("policy.set", wider, *with_another("hanbit"))["proposal"]["id"]
    said = {"request": asked[3], "commitment": COMMITMENT}
    purged.change("request.remark", said, *with_another("hanbit"))
    of_hanbit, of_nuri, fewer = by_diseases(scene, mark)
    time.sleep(2)  # epochs are a second apart

    def vote(word: str, request: str, role: str = "dac", who: Actor = member) -> Act:
        return Act(who, "request.vote", ballot(who, request, role, word))

    seats = {"role": "ethics", "members": [{"id": "e-1"}]}
    withdrawn = {"cohort": f"hanbit/{mark}-a", "epoch": 2, **EPOCH}
    reason = {"reason": "a reason"}
    listed = (
        Act(steward, "grant.revoke", {"grant": grants[0], **reason}),
        Act(privacy, "grant.suspend", {"grant": grants[1], **reason}),
        Act(park, "grant.relinquish", {"grant": grants[2], **reason}),
        Act(park, "request.withdraw", {"request": own}),
        vote("reject", asked[0]),
        vote("recuse", asked[1]),
        vote("close", asked[2], "steward", steward),
        vote("reject", of_hanbit),
        Act(park, "request.withdraw", {"request": of_nuri}),
        Act(steward, "committee.set", seats),
        Act(member, "committee.undelegate", {"delegation": delegation, **reason}),
        Act(privacy, "consent.epoch", withdrawn),
        Act(privacy, "consent.epoch", fewer),
        Act(privacy, "consent.end", {"cohort": f"hanbit/{mark}-b", **reason}),
        Act(privacy, "basis.end", {"basis": f"hanbit/{mark}", **reason}),
        Act(privacy, "text.purge", said),
        Act(chair, "institution.dismiss", {"officers": [leaver]}),
        Act(chair, "person.end", {"person": deputy.key.identity.common_name, "announced": announced, **reason}),
        Act(privacy, "proposal.reject", {"proposal": waits, **reason}),
    )
    return dict(zip(NAMES, listed, strict=True))


def by_diseases(scene: Scene, mark: str) -> tuple[str, str, dict[str, Any]]:
    """A hierarchy that more than half have adopted; two requests for a disease of it, by somebody of nuri's for
    hanbit's data and by hanbit/park for nuri's; and the next epoch of a cohort, which permits fewer of its diseases.
    """
    for institution in scene.network.institutions:
        scene.actor(f"{institution}/steward", "steward")
    adopted(scene, "hanbit", loaded(scene, "nuri", TERMS, mark))
    asked = []
    for owner, asker in (("hanbit", "nuri/kim"), ("nuri", "hanbit/park")):
        dataset, asking = f"{owner}/{mark}-cancer", scene.actor(asker, "researcher")
        scene.publish(dataset, (owner, "dac"), use=CANCER)
        wanted = application(asking, dataset) | {"purpose": BREAST}
        asked.append(str(asking.change("request.submit", wanted, *with_another(asking.institution))["id"]))
    begin = {"slug": f"{mark}-c", "title": "A cohort", "batch_seconds": 1, **EPOCH, "withdrawn": "none"}
    permits = {"use": [CANCER[0] | {"diseases": [*CANCER[0]["diseases"], "DOID:2841"]}]}
    scene.actor("hanbit/privacy", "privacy").change("consent.begin", begin | permits, *with_another("hanbit"))
    return asked[0], asked[1], {"cohort": f"hanbit/{mark}-c", "epoch": 2, **EPOCH, "withdrawn": "none", "use": CANCER}
