"""An owner lets somebody use its data, and leaves the grant out of every list.

Who: nuri, the owner of the data, with saerom, which endorses what is new; both run altered chaincode that follows the
honest rules to the letter and forgets index entries. What must hold: a grant counts only when it can be found where
everybody looks. On hanbit's peer `check` does not permit a grant that the lists of grants, or the audit trail of the
dataset, do not show.
"""

import time
from collections.abc import Sequence
from typing import Any

import pytest
from actors import Actor
from colluders import Colluders
from scene import RESEARCH, Scene, ballot, question, with_another

PARK = "hanbit/park"
LISTS: dict[str, dict[str, Any]] = {
    "grant-all": {},
    "grant-owner": {"owner": "nuri"},
    "grant-holder": {"holder": "hanbit"},
    "grant-dataset": {"dataset": ""},
}
"""The indexes of grants, with the arguments of `grant.list` that are answered from each."""
LEFT_OUT = {
    "all lists and the trail": [f"entries i/{name}" for name in (*LISTS, "trail")],
    "all lists": [f"entries i/{name}" for name in LISTS],
    "the trail": ["entries i/trail"],
    **{name: [f"entries i/{name}/"] for name in LISTS},
}


def forgetting(colluders: Colluders, caller: Actor, function: str, argument: Any, leave: Sequence[str]) -> None:
    """The honest rules, asked by their real caller, without some of what they write."""
    made = colluders.impersonate(caller.key, function, argument, leave=leave)
    assert made.code == "VALID"


def shown(scene: Scene, dataset: str) -> dict[str, bool]:
    """Where hanbit's own peer shows a grant on the dataset."""
    found = {}
    for name, asked in LISTS.items():
        items = scene.listed("grant.list", **{member: value or dataset for member, value in asked.items()})
        found[name] = any(dataset in str(item) for item in items)
    found["trail"] = any(
        '"grant"' in str(item).replace("'", '"') for item in scene.listed("audit.trail", dataset=dataset)
    )
    return found


@pytest.mark.parametrize("left", LEFT_OUT)
def test_a_grant_that_is_not_everywhere(scene: Scene, colluders: Colluders, left: str) -> None:
    """Approved by the rules, by nuri's own member."""
    dataset = f"nuri/unlisted-{time.time_ns() % 10**6}"
    scene.publish(dataset, ("nuri", "dac"))
    request = scene.request(PARK, dataset)["id"]
    member = scene.actor("nuri/mallory-2", "dac")
    forgetting(colluders, member, "request.vote", ballot(member, request, "dac"), LEFT_OUT[left])
    places = shown(scene, dataset)
    assert not all(places.values())
    decision = scene.check(PARK, dataset)
    assert decision["decision"] == "deny", f"shown in {places}: {decision['reasons']}"


@pytest.mark.parametrize("left", ["all lists and the trail", "break-glass"])
def test_an_emergency_that_is_on_no_list(scene: Scene, colluders: Colluders, left: str) -> None:
    """Broken glass has lists of its own besides those of grants."""
    dataset = f"nuri/unlisted-{time.time_ns() % 10**6}"
    scene.publish(dataset, ("nuri", "dac"))
    scene.seat("nuri", "privacy", "privacy")
    leave = LEFT_OUT.get(left, ["entries i/breakglass"])
    privacy, steward = scene.actor("nuri/privacy", "privacy"), scene.actor("nuri/steward", "steward")
    for standing in scene.listed("breakglass.list", owner="nuri"):
        record = standing.get("breakglass", {}).get("record", {})
        if record.get("status") == "open":
            said = {"breakglass": record["id"], "justification": "of an earlier test"}
            ended = {"grant": record["body"]["grant"], "reason": "of an earlier test"}
            if standing["state"] == "open":
                steward.change("grant.revoke", ended, "nuri")
            scene.actor("nuri/privacy-2", "privacy").change("breakglass.justify", said, *with_another("nuri"))
    proposal = {
        "dataset": dataset,
        "institution": "hanbit",
        "people": ["park"],
        "purpose": RESEARCH,
        "mode": "download",
        "duration_seconds": 3600,
        "reason": "an emergency",
    }
    proposed = colluders.impersonate(privacy.key, "breakglass.propose", proposal, leave=leave)
    assert proposed.code == "VALID"
    record = proposed.transaction_id
    digest = steward.ask("breakglass.get", {"breakglass": record})["breakglass"]["digest"]
    forgetting(colluders, steward, "breakglass.confirm", {"breakglass": record, "digest": digest}, leave)
    decision = scene.auditor.ask("check", question(PARK, dataset))
    assert decision["decision"] == "deny", decision["reasons"]
