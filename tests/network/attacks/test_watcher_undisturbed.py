"""One institution tries to close another's decisions, on a hardened network with watchers beside all peers.

Who: clients of nuri, nuri's administrator, saerom's peer and orderer; nuri and saerom together with a definition of the
chaincode, or with records in hanbit's name and whatever is odd beside them. One institution
(client, peer or administrator) closes nothing of hanbit's; what is odd in one transaction is told about that
transaction at most; and when something does stop hanbit, its watcher says the command that mends it.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import channel
import forge
import odd
import other_ledger
import pytest
from actors import CHAINCODE, CHANNEL, Actor, key_in
from administration import Administration
from click.testing import CliRunner
from colluders import configuration, orderer_of
from definition import Definition
from fabric_protos.common import common_pb2, configtx_pb2
from google.protobuf.message import DecodeError
from networks import running
from people import Person
from rwset import ReadWriteSet
from scene import COLLUDERS, VICTIM, Scene, ballot, codes
from watching import PATIENCE, Watched, at_home

from medconsent.fabric.proposal import Proposal
from medconsent_network import readiness
from medconsent_network.consortium import Consortium
from medconsent_network.main import main
from medconsent_network.membership.updates import Change
from medconsent_network.processes import watch
from medconsent_network.spec import Spec, Watch
from medconsent_network.waiting import wait_for


@pytest.fixture(scope="module")
def watched_network(tmp_path_factory: pytest.TempPathFactory, sample_consortium: Spec) -> Iterator[Consortium]:
    spec = replace(sample_consortium, watch=Watch(run=True))
    with running(tmp_path_factory.mktemp("undisturbed") / "network", spec) as network:
        yield network


@pytest.fixture(scope="module")
def scene(watched_network: Consortium) -> Scene:
    """hanbit's data for people of saerom and nuri, and data of hanbit's that nuri's ethics board votes on."""
    scene = Scene(watched_network)
    for institution in watched_network.institutions:
        scene.actor(f"{institution}/auditor", "auditor")
    scene.seat("hanbit", "dac", "d-1")
    scene.seat("nuri", "ethics", "e-1")
    scene.publish("hanbit/cohort", ("hanbit", "dac"))
    scene.publish("hanbit/shared", ("nuri", "ethics"))
    scene.grant("saerom/lee", "hanbit/cohort")
    scene.grant("nuri/kim", "hanbit/cohort")
    return scene


@pytest.fixture(scope="module")
def watched(watched_network: Consortium, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    return Watched(watched_network.home(VICTIM), Person("hanbit/operator", tmp_path_factory.mktemp("operator")))


@pytest.fixture(autouse=True)
def open_before(scene: Scene, watched: Watched) -> None:
    """Nothing keeps decisions closed when a test begins."""
    if standing(watched):
        watched.accept_all()
    for person in ("saerom/lee", "nuri/kim"):
        assert scene.check(person, "hanbit/cohort")["decision"] == "permit"


def standing(watched: Watched) -> list[dict[str, Any]]:
    return [one for one in watched.entries() if one["closes"] and not one["accepted"]]


def judged(scene: Scene, watched: Watched) -> list[dict[str, Any]]:
    """What closes something of hanbit's, once its watcher has judged all blocks."""
    height = scene.auditor.channel.height()
    process = watch.Watch()
    wait_for(lambda: (process.height(watched.home) or 0) >= height, "hanbit's watcher is there", PATIENCE)
    return standing(watched)


def hand_in(scene: Scene, actor: Actor, message: bytes, transaction_id: str, change: odd.Change) -> None:
    """The actor's endorsed transaction, altered and signed anew: it is valid all the same."""
    altered = odd.envelope(actor, message, change)
    assert orderer_of(scene.network, actor.institution).broadcast(altered) == ("SUCCESS", "")
    assert scene.auditor.outcome(transaction_id).code == "VALID"


def odd_certificate(name: str, version: int) -> Callable[[Actor], odd.Change]:
    """An endorsement in somebody's name, with a certificate of a version that does not exist."""

    def change(actor: Actor) -> odd.Change:
        pem = odd.of_version(actor.key.identity.certificate_pem, version)
        return odd.further_endorsement(odd.identity(name, pem))

    return change


BEFORE = ("UNSEALED_RECORD", "POLICY_CHANGED")
"""What a watcher finds that begins where other tests of this file have been."""
ODD: dict[str, Callable[[Actor], odd.Change]] = {
    "a certificate in hanbit's name": odd_certificate(VICTIM, 9),
    "one of another version": odd_certificate(VICTIM, 1),
    "one in nuri's name": odd_certificate("nuri", 9),
    "one in nobody's name": odd_certificate("nobody", 9),
    "bytes after each signature": lambda actor: odd.longer_signatures,
    "a deep field": lambda actor: odd.deep_field,
}


@pytest.mark.parametrize("what", ODD)
def test_what_fabric_passes_over_in_a_valid_transaction(scene: Scene, watched: Watched, what: str) -> None:
    """The vote that completes an approval writes hanbit's grant and seal; a member of nuri's board hands it in."""
    request = scene.request("saerom/lee", "hanbit/shared")["id"]
    member = scene.actor("nuri/e-1", "ethics")
    vote = member.endorse("request.vote", ballot(member, request, "ethics"), "hanbit", "nuri")
    hand_in(scene, member, vote.message, vote.transaction_id, ODD[what](member))
    assert judged(scene, watched) == []
    assert scene.check("saerom/lee", "hanbit/shared")["decision"] == "permit"


def test_the_third_name_on_ones_own_group(scene: Scene, watched: Watched) -> None:
    """nuri's group becomes an exact copy of hanbit's: with a policy of nuri's, its peer would seal for hanbit."""
    change = channel.copy_of(VICTIM, "nuri")
    status, sentence = Administration(scene.network, scene.auditor).hand_in(change, "nuri")
    assert status == "BAD_REQUEST"
    assert "attempted to change MSP ID" in sentence
    assert judged(scene, watched) == []


def _further_policy(config: configtx_pb2.Config) -> None:
    policies = config.channel_group.groups["Application"].groups["nuri"].policies
    policies["Own"].CopyFrom(policies["Writers"])
    policies["Own"].mod_policy = "Admins"


def _readers_are_writers(config: configtx_pb2.Config) -> None:
    policies = config.channel_group.groups["Application"].groups["nuri"].policies
    policies["Writers"].policy.CopyFrom(policies["Readers"].policy)


@pytest.mark.parametrize(
    "change",
    [_further_policy, _readers_are_writers],
    ids=["a policy of its own", "who may write for nuri"],
)
def test_an_administrator_changes_a_policy_in_their_own_group(scene: Scene, watched: Watched, change: Change) -> None:
    """It closes what rests on nuri and nothing else: not hanbit's decisions for saerom's people."""
    Administration(scene.network, scene.auditor).enforce(change, "nuri")
    found = watched.wait_for("POLICY_CHANGED")
    assert found["scope"] == ["nuri"]
    assert {tuple(one["scope"]) for one in judged(scene, watched)} == {("nuri",)}
    assert scene.check("saerom/lee", "hanbit/cohort")["decision"] == "permit"
    scene.publish(f"hanbit/open-{change.__name__.strip('_').replace('_', '-')}", ("hanbit", "dac"))
    closed = scene.check("nuri/kim", "hanbit/cohort")
    assert (closed["decision"], codes(closed)) == ("deny", {"LEDGER_ALARM"})
    assert "rest on nuri" in str(closed["reasons"])


def unsealed(scene: Scene, records: list[str], *odd_things: odd.Change) -> str:
    """Records in hanbit's name without its seal, in a transaction of nuri's and saerom's in which something is odd."""
    client = scene.actor("nuri/kim").key
    both = [key_in(scene.network.home(name).node("peer") / "msp", name) for name in COLLUDERS]
    proposal = Proposal.create(client.identity, CHANNEL, CHAINCODE, "grant.get", [b"{}"])
    text = json.dumps({"type": "grant", "owner": "hanbit", "id": proposal.transaction_id, "revision": 1})
    results = ReadWriteSet({key.replace("$TX", proposal.transaction_id): text.encode() for key in records})
    envelope = forge.transaction(client, both, results, channel=CHANNEL, proposal=proposal)
    for change in odd_things:
        envelope = odd.envelope(scene.actor("nuri/kim"), envelope.payload, change)
    assert orderer_of(scene.network, "nuri").broadcast(envelope) == ("SUCCESS", "")
    assert scene.auditor.outcome(proposal.transaction_id).code == "VALID"
    return proposal.transaction_id


def test_a_forgery_beside_something_odd(scene: Scene, watched: Watched) -> None:
    """It is found all the same, and the record counts for nothing."""
    client = scene.actor("nuri/kim")
    forged = {what: unsealed(scene, ["grant/$TX"], ODD[what](client)) for what in ODD}
    for transaction in forged.values():
        assert "without its seal" in watched.wait_for("UNSEALED_RECORD", transaction)["sentence"]
    assert judged(scene, watched) == []


def test_endless_reports(scene: Scene, watched: Watched) -> None:
    """A thousand records in hanbit's name with long keys, and hundreds of endorsements of nobody: all is judged, and
    the journal does not grow with it.
    """
    nobody = odd.identity("n" * 2000, b"-----BEGIN " * 20)
    before = sum(file.stat().st_size for file in watched.folder.glob("*") if file.is_file())
    begun = time.monotonic()
    for start in (0, 1000):
        keys = [f"grant/{'k' * 500}{start + number}/$TX" for number in range(1000)]
        last = unsealed(scene, keys, *([odd.endorsements(nobody, 300)] if start else []))
    assert judged(scene, watched) == []
    assert time.monotonic() - begun < PATIENCE
    assert "and 992 more" in watched.wait_for("UNSEALED_RECORD", last)["sentence"]
    assert max(len(one["sentence"]) + len(one["about"]) for one in watched.entries()) < 5000
    journal = sum(file.stat().st_size for file in watched.folder.glob("*") if file.is_file()) - before
    assert journal < 100 << 10, "half a megabyte of keys each"
    assert scene.check("saerom/lee", "hanbit/cohort")["decision"] == "permit"


def test_a_block_that_one_institutions_peer_and_orderer_made_up(scene: Scene, watched: Watched, tmp_path: Path) -> None:
    """And another judgement of the same block, and turning hanbit away: hanbit's watcher compares with it."""
    auditor = at_home(scene.network, "hanbit/auditor", tmp_path)
    scene.seen.everywhere()
    (block,) = scene.auditor.channel.blocks()
    said: dict[str, bytes | int] = {
        "another block": other_ledger.another(block, other_ledger.orderer_key(scene.network, "saerom")),
        "another judgement": other_ledger.judged_otherwise(block),
        "the door": common_pb2.FORBIDDEN,
    }
    found: dict[str, list[Any]] = {}
    with other_ledger.showing(scene.network, "saerom") as shown:
        for what, answer in said.items():
            shown.append(answer)
            words = ("watch", "ledger", "--once", "--from", str(block.number), "--folder", str(tmp_path / what))
            told = auditor.run("--json", *words, exit_code=None).stdout.splitlines()
            said_so = [one for one in map(json.loads, told) if one["event"] == "finding"]
            found[what] = [one for one in said_so if one["code"] not in BEFORE]
    readiness.wait_endorsing(scene.network.home("saerom"), scene.network.institutions)
    assert [(one["code"], one["closes"], one["scope"]) for one in found["another block"]] == [
        ("LEDGERS_DIFFER", True, ["saerom"])
    ]
    for what in ("another judgement", "the door"):
        assert [(one["code"], one["closes"]) for one in found[what]] == [("PEER_DISAGREES", False)], what
    # The watcher that runs beside may have asked saerom too: then what rests on saerom is closed, and nothing else.
    assert {tuple(one["scope"]) for one in judged(scene, watched)} <= {("saerom",)}
    assert scene.check("nuri/kim", "hanbit/cohort")["decision"] == "permit"


def test_what_all_approve_beforehand_stops_nobody(scene: Scene, watched: Watched) -> None:
    """The way of docs/network.md: approve, then commit; a commit before that is refused with who is missing."""
    run("approve", "--sequence", "2", scene=scene, institution="nuri")
    run("approve", "--sequence", "2", scene=scene, institution="saerom")
    refused = run("commit", "--sequence", "2", scene=scene, institution="nuri", exit_code=1)
    assert "hanbit did not approve medconsent 0.2.0, sequence 2" in refused
    run("approve", "--sequence", "2", scene=scene, institution="hanbit")
    assert scene.check("saerom/lee", "hanbit/cohort")["decision"] == "permit"
    run("commit", "--sequence", "2", scene=scene, institution="nuri")
    assert scene.check("saerom/lee", "hanbit/cohort")["decision"] == "permit"
    assert judged(scene, watched) == []
    assert "CHAINCODE_WAITS" not in {one["code"] for one in watched.entries()}


def test_a_definition_of_two_waits_for_the_third(scene: Scene, watched: Watched) -> None:
    """nuri and saerom raise the number: the same rules. hanbit's peer refuses to run what hanbit did not approve."""
    raised = Definition(3)
    for institution in COLLUDERS:
        raised.approve(scene.network, institution)
    scene.seen.block = raised.commit(scene.network, COLLUDERS)
    found = watched.wait_for("CHAINCODE_WAITS")
    assert (found["closes"], found["scope"]) == (False, [])
    assert judged(scene, watched) == []
    assert "medconsent-network approve --sequence 3 --version 0.2.0" in found["sentence"]
    command = found["sentence"].partition("medconsent-network ")[2].split(" (")[0].split()
    run(*command, scene=scene, institution=VICTIM)
    readiness.wait_endorsing(scene.network.home(VICTIM), scene.network.institutions)
    assert scene.check("saerom/lee", "hanbit/cohort")["decision"] == "permit"


def _deep_field(config: configtx_pb2.Config) -> None:
    """Fabric keeps a field in it that it does not know, and Python's own parser refuses the whole configuration."""
    policy = config.channel_group.groups["Application"].groups["nuri"].policies["Writers"].policy
    policy.MergeFromString(b"\xfb\x01" + b"\x7b" * 98 + b"\x7c" * 98 + b"\xfc\x01")


def test_a_configuration_that_python_does_not_read(scene: Scene, watched: Watched) -> None:
    """The last: whatever asks for the configuration in Python's own way fails from now on."""
    Administration(scene.network, scene.auditor).enforce(_deep_field, "nuri")
    with pytest.raises(DecodeError):
        configuration(scene.auditor)
    assert {tuple(one["scope"]) for one in judged(scene, watched)} <= {("nuri",)}
    assert scene.check("saerom/lee", "hanbit/cohort")["decision"] == "permit"


def run(*words: str, scene: Scene, institution: str, exit_code: int = 0) -> str:
    """`medconsent-network` on one institution's home; what it printed."""
    where = ("--network", str(scene.network.folder))
    ran = CliRunner().invoke(main, [*where, *words, "--institution", institution])
    assert ran.exit_code == exit_code, ran.output
    return ran.output
