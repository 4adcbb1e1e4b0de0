"""Transactions and questions dated by a client that lies about the time."""

import time

import pytest
from actors import Refused
from scene import Scene, policy, question, with_another

MINUTE, HOUR = 60, 3600
DATASET = "hanbit/timely"


@pytest.fixture(scope="module", autouse=True)
def timely(scene: Scene) -> None:
    scene.publish(DATASET, ("hanbit", "dac"))


def refused_for_its_time(refusal: Refused) -> bool:
    """By the contract; or, more than fifteen minutes off, by a peer of Fabric 3 before the contract is asked."""
    return refusal.code == "CLOCK" or "incorrect timestamp" in refusal.message


@pytest.mark.parametrize("seconds", [-HOUR, -10 * MINUTE, -6 * MINUTE, 6 * MINUTE, 10 * MINUTE, HOUR])
def test_a_transaction_out_of_time(scene: Scene, seconds: int) -> None:
    change = {"dataset": DATASET, "policy": policy(("hanbit", "dac"))}
    height = scene.auditor.channel.height()
    with pytest.raises(Refused) as refused:
        scene.steward.endorse_dated(int(time.time()) + seconds, "policy.set", change, *with_another("hanbit"))
    assert refused_for_its_time(refused.value), refused.value
    if abs(seconds) == 10 * MINUTE:
        assert refused.value.code == "CLOCK"
    assert scene.auditor.channel.height() == height


@pytest.mark.parametrize("seconds", [-HOUR, -10 * MINUTE, 10 * MINUTE, HOUR])
def test_a_question_out_of_time(scene: Scene, seconds: int) -> None:
    """Dating a question back must not bring back a grant that has ended."""
    with pytest.raises(Refused) as refused:
        scene.auditor.ask_dated(int(time.time()) + seconds, "check", question("nuri/kim", DATASET))
    assert refused_for_its_time(refused.value), refused.value


MODES = (("enclave", "download"), ("download", "federated"))  # neither is what stands


@pytest.mark.parametrize("seconds", [-4 * MINUTE, 4 * MINUTE])
def test_clocks_may_differ_a_little(scene: Scene, seconds: int) -> None:
    """The control: the same within five minutes is taken."""
    change = {"dataset": DATASET, "policy": policy(("hanbit", "dac"), modes=MODES[seconds > 0])}
    held = scene.steward.endorse_dated(int(time.time()) + seconds, "policy.set", change, *with_another("hanbit"))
    assert scene.steward.send(held).code == "VALID"


def test_a_vote_dated_back_before_the_revocation_of_a_seat(scene: Scene) -> None:
    """Within the tolerance a client may date back; what was changed meanwhile counts all the same."""
    scene.seat("hanbit", "dac", "d-1", "d-7")
    request = scene.request("nuri/kim", DATASET)
    member = scene.actor("hanbit/d-7", "dac")
    shown = member.ask("request.get", {"request": request["id"]})["request"]
    scene.seat("hanbit", "dac", "d-1")
    vote = {"request": request["id"], "vote": "approve", "role": "dac", "request_digest": shown["digest"],
            "version_digest": shown["record"]["body"]["version_digest"],
            "policy_digest": shown["record"]["body"]["policy_digest"]}  # fmt: skip
    with pytest.raises(Refused) as refused:
        member.endorse_dated(int(time.time()) - 4 * MINUTE, "request.vote", vote, *with_another("hanbit"))
    assert refused.value.code == "FORBIDDEN"
