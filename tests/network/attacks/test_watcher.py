"""A network that was set up naively on purpose: its channel is just as Fabric's configtxgen makes it, where a majority
of the administrators may change everything. nuri and saerom do what such a network lets through; hanbit's watcher, in
hanbit's home beside its peer, finds each, and hanbit's decisions close.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import channel
import legacy
import pytest
import rwset
from actors import Refused
from administration import Administration
from colluders import Colluders, transaction_on_ledger
from definition import Definition, any_one_of
from impostors import Impostors
from networks import running
from people import ALARM, Person
from rwset import ReadWriteSet
from scene import COLLUDERS, VICTIM, Scene, codes
from watching import Watched

from medconsent_network import readiness
from medconsent_network.consortium import Consortium
from medconsent_network.membership import changes
from medconsent_network.spec import Spec, Watch


@pytest.fixture
def naive(tmp_path_factory: pytest.TempPathFactory, sample_consortium: Spec, unhardened: None) -> Iterator[Consortium]:
    """The sample consortium with watchers, on a channel without the hardening."""
    spec = replace(sample_consortium, watch=Watch(run=True))
    with running(tmp_path_factory.mktemp("naive") / "network", spec) as network:
        yield network


@pytest.fixture
def scene(naive: Consortium) -> Scene:
    scene = Scene(naive)
    for institution in naive.institutions:
        scene.actor(f"{institution}/auditor", "auditor")
    scene.seat("hanbit", "dac", "d-1")
    scene.publish("hanbit/cohort", ("hanbit", "dac"))
    return scene


@pytest.fixture
def watched(naive: Consortium, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    return Watched(naive.home(VICTIM), Person("hanbit/operator", tmp_path_factory.mktemp("operator")))


def test_what_a_naive_network_lets_through_is_found(scene: Scene, watched: Watched) -> None:
    network = scene.network
    client = scene.actor("nuri/mallory", "researcher")
    colluders = Colluders(network, COLLUDERS, client, client)
    granted = scene.grant("nuri/kim", "hanbit/cohort")
    other = scene.grant("saerom/lee", "hanbit/cohort")
    assert scene.check("nuri/kim", "hanbit/cohort")["decision"] == "permit"
    honest = rwset.of(transaction_on_ledger(scene.auditor, granted["id"]))
    assert watched.entries() == []

    def told(transaction_id: str) -> ReadWriteSet:
        return rwset.retold(honest, {granted["id"]: transaction_id})

    # A record in hanbit's name without its seal: told, and no reason to close.
    unsealed = colluders.forge(told)
    assert unsealed.code == "VALID"
    assert watched.wait_for("UNSEALED_RECORD", unsealed.transaction_id)["closes"] is False
    assert scene.check("nuri/kim", "hanbit/cohort")["decision"] == "permit"

    # A weaker definition of the chaincode. hanbit's peer answers nothing under it, until hanbit approves it too.
    weaker = Definition(2, any_one_of(*COLLUDERS))
    for institution in COLLUDERS:
        weaker.approve(network, institution)
    scene.seen.block = weaker.commit(network, COLLUDERS)
    assert "any 1 of (nuri.peer, saerom.peer)" in watched.wait_for("CHAINCODE_NOT_APPROVED")["sentence"]
    weaker.approve(network, VICTIM)
    readiness.wait_endorsing(network.home(VICTIM), network.institutions)

    # Now decisions are closed, and access can still be ended.
    decision = scene.check("nuri/kim", "hanbit/cohort")
    assert (decision["decision"], codes(decision)) == ("deny", {"LEDGER_ALARM"})
    assert "CHAINCODE_NOT_APPROVED" in str(decision["reasons"])
    with pytest.raises(Refused) as refused:
        scene.publish("hanbit/another", ("hanbit", "dac"))
    assert refused.value.code == "LEDGER_ALARM"
    scene.revoke(other["id"])

    # The operator knows why, and accepts; decisions open.
    watched.accept_all()
    assert scene.check("nuri/kim", "hanbit/cohort")["decision"] == "permit"
    assert codes(scene.check("saerom/lee", "hanbit/cohort")) == {"GRANT_REVOKED"}

    # Capabilities are lowered, and a chaincode is defined as Fabric 1 did it: key-level policies do not count any more.
    administration = Administration(network, client)
    administration.enforce(channel.lower_channel_capability(VICTIM), *COLLUDERS)
    administration.enforce(channel.lower_application_capability(VICTIM), *COLLUDERS)
    found = watched.wait_for("CAPABILITIES_CHANGED", about="/Channel/Application/Capabilities")
    assert found["sentence"] == "/Channel/Application/Capabilities are now V1_2, and were V2_5"
    deployed = legacy.deploy(colluders, endorsed_by=COLLUDERS[0])
    assert watched.wait_for("LEGACY_CHAINCODE", deployed)["closes"]
    spoil = ReadWriteSet({f"grant/{granted['id']}": None})
    spoiled = colluders.forge(spoil, by=colluders.peers[:1])
    assert spoiled.code == "VALID"
    assert f"grant/{granted['id']}" in watched.wait_for("KEY_SPOILED", spoiled.transaction_id)["sentence"]
    sealed = colluders.forge(lambda tx: rwset.resealed(told(tx), VICTIM), by=colluders.peers[:1])
    assert sealed.code == "VALID"
    assert watched.wait_for("SEAL_FORGED", sealed.transaction_id)["closes"]
    assert 'medconsent_watch_findings_total{code="SEAL_FORGED"} 1' in watched.metrics()
    assert "medconsent_watch_alarm 1" in watched.metrics()


def test_an_institution_is_thrown_out_and_impersonated(scene: Scene, watched: Watched, tmp_path: Path) -> None:
    """Its own peer gets no more blocks and shows what it always did; the others take the impostors for it."""
    network, home = scene.network, scene.network.home(VICTIM)
    client = scene.actor("nuri/mallory", "researcher")
    colluders = Colluders(network, COLLUDERS, client, client)
    granted = scene.grant("nuri/kim", "hanbit/cohort")
    honest = rwset.of(transaction_on_ledger(client, granted["id"]))
    assert scene.check("nuri/kim", "hanbit/cohort")["decision"] == "permit"
    administration = Administration(network, client)
    group = administration.group_of(VICTIM)
    administration.enforce(changes.removed(VICTIM, network.spec), *COLLUDERS)
    impostors = Impostors.of(VICTIM)
    administration.enforce(channel.impersonated(VICTIM, group, impostors.root), *COLLUDERS)

    steward, peer = impostors.issue("steward", "client"), impostors.issue("peer0", "peer")
    as_steward = replace(colluders, client=replace(client, key=steward))
    peers = (*colluders.peers, peer)
    sealed = as_steward.forge(lambda tx: rwset.resealed(rwset.retold(honest, {granted["id"]: tx}), VICTIM), by=peers)
    assert sealed.code == "VALID"
    spoiled = as_steward.forge(ReadWriteSet({f"grant/{granted['id']}": None}), by=peers)
    assert spoiled.code == "VALID"

    # hanbit's peer still says what it said, and knows nothing. Its watcher is turned away by the others.
    assert "FORBIDDEN" in watched.wait_for("SHUT_OUT")["sentence"]
    scene.seen.block = 0  # this peer will never have what the others have
    assert codes(scene.check("nuri/kim", "hanbit/cohort")) == {"LEDGER_ALARM"}

    # An auditor who is given nuri's blocks, and hanbit's root certificate by hanbit, sees what was done.
    auditor = Person("nuri/auditor", tmp_path / "auditor")
    profile = network.home("nuri").connection_profile
    msp = network.folder / "wallets" / "nuri" / "auditor"
    auditor.run("context", "add", "nuri/auditor", "--profile", str(profile), "--msp", str(msp))
    blocks = tmp_path / "blocks"
    auditor.run("watch", "export", str(blocks))
    root = home.ca_certificate("ca")
    words = ("watch", "ledger", "--blocks", str(blocks), "--institution", VICTIM, "--root", str(root))
    lines = [json.loads(line) for line in auditor.run("--json", *words, exit_code=ALARM).stdout.splitlines()]
    found = {(line["code"], line["transaction"]) for line in lines if line["event"] == "finding"}
    assert {
        ("MEMBER_LEFT", ""),
        ("MEMBER_JOINED", ""),
        ("IDENTITY_CHANGED", ""),
        ("ORDERING_CHANGED", ""),
        ("CREATOR_FORGED", sealed.transaction_id),
        ("ENDORSEMENT_FORGED", sealed.transaction_id),
        ("KEY_SPOILED", spoiled.transaction_id),
    } <= found
    assert not [code for code, _ in found if code in ("CHAIN_BROKEN", "BLOCK_UNSIGNED", "LEDGERS_DIFFER")]
    # For nuri itself nothing was forged.
    own = network.home("nuri").ca_certificate("ca")
    words = ("watch", "ledger", "--blocks", str(blocks), "--institution", "nuri", "--root", str(own))
    lines = [json.loads(line) for line in auditor.run("--json", *words, exit_code=ALARM).stdout.splitlines()]
    assert not {line["transaction"] for line in lines if line["event"] == "finding"} - {""}
