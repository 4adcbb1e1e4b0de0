"""Three institutions found a consortium, each in a folder of its own, by files; and what is refused on the way.

What is refused comes first: nobody has joined yet, and nothing of it changes what is there.
"""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import channel as attacks
import load
import pytest
from fabric_protos.common import common_pb2, configtx_pb2
from fabric_protos.orderer import configuration_pb2
from fabric_protos.orderer.etcdraft import configuration_pb2 as raft_pb2
from founders import Founder, agreed, as_network, exchange_bundles, rewritten, signatures, spoiled

from medconsent_network import ports
from medconsent_network.founding import entering
from medconsent_network.membership.changes import edit_msp

NAMES = ("hanbit", "nuri", "saerom")

Founders = dict[str, Founder]
Edit = Callable[[configtx_pb2.Config], None]


@pytest.fixture(scope="module")
def founders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Founders]:
    """The institutions, which have their homes and each other's bundles. Each makes its home at the same time."""
    found = {name: Founder(name, tmp_path_factory.mktemp(name)) for name in NAMES}
    try:
        bases = ports.free_bases(len(found))
        with ThreadPoolExecutor() as pool:
            files = [one.write_file(base) for base, one in zip(bases, found.values(), strict=True)]
            list(pool.map(entering.init, files, [one.homes for one in found.values()]))
        exchange_bundles(list(found.values()))
        yield found
    finally:
        for one in found.values():
            one.end()


@pytest.fixture(scope="module")
def proposed(founders: Founders) -> Path:
    """The first block, as nuri proposes it, on everybody's desk."""
    nuri = founders["nuri"]
    block = nuri.desk / "first-block.json"
    nuri.run("channel", "propose", "--out", block)
    nuri.send(block, *(one for one in founders.values() if one is not nuri))
    return block


def with_configuration(paper: Path, to: Path, edit: Edit) -> Path:
    """A first block with another configuration, and a header that fits."""

    def change(document: dict[str, Any]) -> None:
        block = common_pb2.Block.FromString(base64.b64decode(document["block"]))
        envelope = common_pb2.Envelope.FromString(block.data.data[0])
        payload = common_pb2.Payload.FromString(envelope.payload)
        told = configtx_pb2.ConfigEnvelope.FromString(payload.data)
        edit(told.config)
        payload.data = told.SerializeToString()
        envelope.payload = payload.SerializeToString()
        block.data.data[0] = envelope.SerializeToString()
        block.header.data_hash = hashlib.sha256(block.data.data[0]).digest()
        document["block"] = base64.b64encode(block.SerializeToString()).decode()

    return rewritten(paper, to, change)


def group(config: configtx_pb2.Config, path: str) -> configtx_pb2.ConfigGroup:
    found = config.channel_group
    for name in path.split("/")[2:]:
        found = found.groups[name]
    return found


SHARED = ("/Channel", "/Channel/Application", "/Channel/Orderer")
POLICIES = {
    "/Channel": ("Readers", "Writers", "Admins"),
    "/Channel/Application": ("Readers", "Writers", "Admins", "Endorsement", "LifecycleEndorsement", "Membership"),
    "/Channel/Orderer": ("Readers", "Writers", "Admins", "BlockValidation"),
}


def changed_by(path: str, kind: str = "", name: str = "") -> Edit:
    """Who may change an element is a majority of the administrators, and not all."""

    def edit(config: configtx_pb2.Config) -> None:
        found = group(config, path)
        (getattr(found, kind)[name] if kind else found).mod_policy = "Admins"

    return edit


def state(config: configtx_pb2.Config) -> None:
    value = config.channel_group.groups["Orderer"].values["ConsensusType"]
    consensus = configuration_pb2.ConsensusType.FromString(value.value)
    consensus.state = configuration_pb2.ConsensusType.STATE_MAINTENANCE
    value.value = consensus.SerializeToString()


def without_units(config: configtx_pb2.Config) -> None:
    edit_msp(group(config, "/Channel/Application/saerom"), lambda msp: setattr(msp.fabric_node_ous, "enable", False))


def named_administrator(config: configtx_pb2.Config) -> None:
    edit_msp(group(config, "/Channel/Application/saerom"), lambda msp: msp.admins.append(msp.root_certs[0]))


def access_lists(config: configtx_pb2.Config) -> None:
    config.channel_group.groups["Application"].values["ACLs"].mod_policy = "Admins"


SOFT: dict[str, tuple[Edit, str]] = {
    **{f"changed by {path}": (changed_by(path), f"who may change {path} is 'Admins'") for path in SHARED},
    **{
        f"changed by {path} {name}": (changed_by(path, "policies", name), f"policy {path}/policies/{name} is 'Admins'")
        for path, names in POLICIES.items()
        for name in names
    },
    **{
        f"changed by {path} values": (changed_by(path, "values", "Capabilities"), f"{path}/Capabilities is 'Admins'")
        for path in SHARED
    },
    "changed by consensus": (changed_by("/Channel/Orderer", "values", "ConsensusType"), "ConsensusType is 'Admins'"),
    "membership by majority": (attacks.membership_by_majority(""), "Membership is MAJORITY Admins, and has to be ALL"),
    "endorsement by any": (attacks.endorsement_by_any(""), "policies/Endorsement is ANY Endorsement"),
    "blocks by anybody": (attacks.blocks_by_anybody(""), "BlockValidation is ANY Writers, and has to be ANY Bl"),
    "application capability": (attacks.lower_application_capability(""), "Application are V1_2, and have to be V2_5"),
    "channel capability": (attacks.lower_channel_capability(""), "capabilities of /Channel are V1_4_3"),
    "ordering capability": (attacks.lower_ordering_capability(""), "capabilities of /Channel/Orderer are V1_1"),
    "another's endorsement": (attacks.endorsement_of("saerom", "nuri"), "saerom/policies/Endorsement is nuri.peer"),
    "a copy": (attacks.copied("saerom", "nuri"), "saerom-copy of Application has the MSP ID saerom"),
    "nested": (attacks.nested_in_own_group("nuri", "saerom"), "a group saerom inside of /Channel/Application/nuri"),
    "a second name": (attacks.second_name_of_own_group("nuri", "saerom"), "has the MSP ID saerom: it speaks for"),
    "maintenance": (state, "in maintenance"),
    "no units": (without_units, "does not tell peers, orderers, administrators and clients apart"),
    "a named administrator": (named_administrator, "names administrators by certificate"),
    "access lists": (access_lists, "a value /Channel/Application/ACLs, which the channel does not need"),
}  # fmt: skip


@pytest.mark.parametrize("how", SOFT)
def test_a_first_block_with_one_soft_rule_is_refused(
    founders: Founders, proposed: Path, tmp_path: Path, how: str
) -> None:
    edit, words = SOFT[how]
    soft = with_configuration(proposed, tmp_path / "soft.json", edit)
    assert words in founders["saerom"].refused("NOT_HARDENED", "channel", "inspect", soft)
    founders["saerom"].refused("NOT_HARDENED", "home", "join", soft)
    assert not founders["saerom"].home.genesis.exists()


def drop(name: str) -> Edit:
    def edit(config: configtx_pb2.Config) -> None:
        for part in ("Application", "Orderer"):
            del config.channel_group.groups[part].groups[name]

    return edit


def other_root(config: configtx_pb2.Config) -> None:
    """hanbit is known by nuri's root."""
    root = []
    edit_msp(group(config, "/Channel/Application/nuri"), lambda msp: root.extend(msp.root_certs))

    def replace(msp: Any) -> None:
        msp.root_certs[0] = root[0]
        for unit in ("client", "peer", "admin", "orderer"):
            getattr(msp.fabric_node_ous, f"{unit}_ou_identifier").certificate = root[0]

    edit_msp(group(config, "/Channel/Application/hanbit"), replace)


def other_tls_root(config: configtx_pb2.Config) -> None:
    edit_msp(group(config, "/Channel/Orderer/hanbit"), lambda msp: msp.tls_root_certs.__setitem__(0, msp.root_certs[0]))


def other_orderer(config: configtx_pb2.Config) -> None:
    """nuri's orderer stands in the place of hanbit's."""
    value = config.channel_group.groups["Orderer"].values["ConsensusType"]
    consensus = configuration_pb2.ConsensusType.FromString(value.value)
    metadata = raft_pb2.ConfigMetadata.FromString(consensus.metadata)
    metadata.consenters[0].server_tls_cert = metadata.consenters[1].server_tls_cert
    consensus.metadata = metadata.SerializeToString()
    value.value = consensus.SerializeToString()


def other_batches(config: configtx_pb2.Config) -> None:
    timeout = configuration_pb2.BatchTimeout(timeout="30s")
    config.channel_group.groups["Orderer"].values["BatchTimeout"].value = timeout.SerializeToString()


def version(config: configtx_pb2.Config) -> None:
    config.channel_group.groups["Application"].version = 7


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (drop("hanbit"), "hanbit, whose bundle is here, is left out"),
        (drop("saerom"), "saerom, this institution, is left out"),
        (other_root, "hanbit (Application): the root certificates are now"),
        (other_tls_root, "/Channel/Orderer/hanbit/MSP: revoked certificates or TLS roots have changed"),
        (other_orderer, "with another certificate: 127.0.0.1:"),
        (other_batches, "/Channel/Orderer/BatchTimeout has changed"),
        (version, "it is written otherwise"),
    ],
    ids=["left out", "left out itself", "root", "TLS root", "orderer", "batches", "version"],
)
def test_a_first_block_that_does_not_follow_from_the_bundles_is_refused(
    founders: Founders, proposed: Path, tmp_path: Path, edit: Edit, words: str
) -> None:
    other = with_configuration(proposed, tmp_path / "other.json", edit)
    assert words in founders["saerom"].refused("NOT_AGREED", "channel", "inspect", other)
    founders["saerom"].refused("NOT_AGREED", "home", "join", other)


def test_another_channels_block_is_refused(founders: Founders, proposed: Path, tmp_path: Path) -> None:
    def rename(document: dict[str, Any]) -> None:
        data = base64.b64decode(document["block"])
        document["block"] = base64.b64encode(data.replace(b"medconsent", b"medcarsent")).decode()

    other = rewritten(proposed, tmp_path / "other.json", rename)
    founders["saerom"].refused("NOT_AGREED", "channel", "inspect", other)


def test_a_bundle_that_is_not_what_it_says_is_refused(founders: Founders, tmp_path: Path) -> None:
    """By whoever gets it, each with a code of its own; and what is held stays as it was."""
    hanbit, nuri, saerom = founders.values()
    before = nuri.run("home", "list").stdout
    bundle = hanbit.desk / "hanbit.bundle.json"

    def admit(path: Path, code: str, words: str) -> None:
        assert words in nuri.refused(code, "home", "admit", path), code

    def edited(name: str, edit: Callable[[dict[str, Any]], None]) -> Path:
        return rewritten(bundle, tmp_path / f"{name}.json", edit)

    damaged = tmp_path / "damaged.json"
    damaged.write_text(bundle.read_text().replace('"KR"', '"FR"'))
    admit(damaged, "PAPER_INVALID", "its content is not what its digest says")
    damaged.write_bytes(bundle.read_bytes()[:-40])
    admit(damaged, "PAPER_INVALID", "is damaged, or no file of medconsent-network")
    damaged.write_bytes(b"\xff\xfe\x00")
    admit(damaged, "PAPER_INVALID", "is damaged")
    damaged.write_text("[" * 60_000)
    admit(damaged, "PAPER_INVALID", "is damaged")
    admit(tmp_path / "none.json", "PAPER_INVALID", "cannot read")
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(10_000_000_000)
    admit(huge, "PAPER_INVALID", "is larger than 65536 bytes")
    with_key = edited("key", lambda it: it.update(tlsca=it["tlsca"] + "-----BEGIN PRIVATE KEY-----\n"))
    admit(with_key, "KEY_INSIDE", "there is a private key in")
    admit(saerom.desk / "nuri.bundle.json", "BUNDLE_CONFLICT", "which is this institution itself")
    as_saerom = edited("as-saerom", lambda it: it["institution"].update(name="saerom"))
    admit(as_saerom, "BUNDLE_REFUSED", "'ca-saerom' is what it has to be called")
    exchanged = edited("exchanged", lambda it: it.update(ca=it["tlsca"], tlsca=it["ca"]))
    admit(exchanged, "BUNDLE_REFUSED", "has to be called")
    leaf = edited("leaf", lambda it: it.update(ca=it["orderer_identity"]))
    admit(leaf, "BUNDLE_REFUSED", "is no certificate of an authority")
    others = json.loads((saerom.desk / "saerom.bundle.json").read_text())
    orderer = edited("orderer", lambda it: it.update(orderer_tls=others["orderer_tls"]))
    admit(orderer, "BUNDLE_REFUSED", "the orderer's TLS certificate is not of the TLS root")
    signer = edited("signer", lambda it: it.update(orderer_identity=others["orderer_identity"]))
    admit(signer, "BUNDLE_REFUSED", "the orderer's certificate is not of the enrolment root")
    two = edited("two", lambda it: it.update(ca=it["ca"] + it["ca"]))
    admit(two, "BUNDLE_REFUSED", "has to be one certificate and nothing else")
    elsewhere = edited("host", lambda it: it["institution"].update(host="elsewhere.example"))
    admit(elsewhere, "BUNDLE_REFUSED", "is not good for the host elsewhere.example")
    odd = edited("odd", lambda it: it["institution"].update(port_base=80))
    admit(odd, "BUNDLE_REFUSED", "institution.port_base must be a whole number")
    more = edited("more", lambda it: it.update(note="hello"))
    admit(more, "PAPER_INVALID", "lacks, or has besides: note")
    terms = edited("terms", lambda it: it["terms"]["ordering"].update(batch_timeout="9s"))
    admit(terms, "TERMS_DIFFER", "ordering.batch_timeout: '200ms' here, '9s' there")
    said = nuri.refused("BUNDLE_CONFLICT", "home", "admit", bundle, "--fingerprint", "0000 1111")
    assert "was said" in said
    assert nuri.run("home", "list").stdout == before


def test_another_institution_of_the_same_name_is_refused(founders: Founders, tmp_path: Path) -> None:
    """Somebody who makes a home called hanbit has other roots, and whoever knows hanbit takes them for nobody."""
    stranger = Founder("hanbit", tmp_path)
    try:
        base = ports.free_bases(1)[0]
        stranger.init(base)
        bundle = stranger.bundle()
        said = founders["nuri"].refused("BUNDLE_CONFLICT", "home", "admit", bundle)
        assert "hanbit is known by other roots" in said

        # it is made once: again it stays as it is, terms can be corrected, and what certificates carry cannot
        before = bundle.read_text()
        stranger.init(base)
        assert stranger.bundle().read_text() == before
        stranger.init(base, batch="9s", quorum="2")
        corrected = json.loads(stranger.bundle().read_text())
        assert corrected["ca"] == json.loads(before)["ca"]
        assert corrected["terms"]["ordering"]["batch_timeout"] == "9s"
        assert corrected["terms"]["membership"] == {"quorum": 2}
        file = stranger.write_file(base, host="elsewhere.example")
        assert "its certificates carry name and host" in stranger.refused("CONSORTIUM_INVALID", "home", "init", file)
    finally:
        stranger.end()


def test_three_homes_become_one_consortium_by_files(founders: Founders, proposed: Path, tmp_path: Path) -> None:
    hanbit, nuri, saerom = founders.values()
    for one in founders.values():
        said = one.run("channel", "inspect", one.desk / proposed.name).stdout
        assert "membership, policies and capabilities change with: ALL Admins" in said
        assert "Nothing is against it." in said
        one.run("home", "join", one.desk / proposed.name)
    assert "not approved yet by nuri, saerom" in hanbit.run("home", "ready", "--wait", "5", exit_code=3).stdout
    nuri.run("home", "ready", exit_code=3)
    for one in (saerom, hanbit, nuri):  # whoever is last commits
        assert "is ready" in one.run("home", "ready", "--wait", "60").stdout
    nuri.refused("CHANNEL_FAILED", "channel", "propose", "--out", tmp_path / "another.json")

    # nobody has another's key, and everything that was exchanged has none
    keys = {name: set(keys_in(one.folder)) for name, one in founders.items()}
    assert all(len(found) >= 10 for found in keys.values())
    assert not keys["hanbit"] & keys["nuri"]
    assert not (keys["hanbit"] | keys["nuri"]) & keys["saerom"]
    assert not [key for one in founders.values() for key in keys_in(one.desk)]


def test_a_fourth_joins_under_load_and_leaves_again(founders: Founders, tmp_path: Path) -> None:
    """Nothing of the load is refused because of it, and nothing that was acknowledged is lost."""
    members = list(founders.values())
    hanbit, saerom = members[0], members[2]
    onnuri = Founder("onnuri", tmp_path / "onnuri")
    network = as_network(tmp_path, members)
    try:
        onnuri.init(ports.free_bases(1)[0])
        onnuri.send(onnuri.bundle(), *members)
        for one in members:
            one.send(one.bundle(), onnuri)
            one.run("home", "admit", one.desk / "onnuri.bundle.json")
            onnuri.run("home", "admit", onnuri.desk / f"{one.name}.bundle.json")
        with load.client_of(network, "nuri") as client, load.running(lambda: load.transaction(client), 5) as told:
            change = agreed(hanbit, members, "add", "onnuri")
            what_is_forged_is_refused(hanbit, saerom, change, tmp_path)
            begun = time.monotonic()
            hanbit.run("channel", "submit", change, *signatures(hanbit, change))
            hanbit.run("channel", "invite", "--out", hanbit.desk / "invitation.json")
            hanbit.send(hanbit.desk / "invitation.json", onnuri)
            onnuri.run("home", "join", onnuri.desk / "invitation.json")
            assert "is ready" in onnuri.run("home", "ready", "--wait", "110").stdout
            took = time.monotonic() - begun
            grown = as_network(tmp_path, [*members, onnuri])
            with load.client_of(grown, "onnuri") as newcomer:
                mine = load.transaction(newcomer)
            change = agreed(hanbit, [*members, onnuri], "remove", "onnuri")
            hanbit.run("channel", "submit", change, *signatures(hanbit, change))
            for one in members:
                one.run("home", "forget", "onnuri")
        with load.client_of(network, "nuri") as client:
            said = {client._session.channel.transaction_status(one).code for one in (*told.acknowledged, mine)}
            assert said == {"VALID"}
            assert client._session.channel.application_organizations() == sorted(NAMES)
            load.transaction(client)
    finally:
        onnuri.end()
    print(f"ready {took:.1f} s after the change; {len(told.acknowledged)} acknowledged, longest {told.longest:.1f} s")
    assert not told.failed
    assert len(set(told.acknowledged)) == len(told.acknowledged) > 10
    assert took < 120
    assert "is ready" in saerom.run("home", "ready").stdout


def what_is_forged_is_refused(by: Founder, other: Founder, change: Path, folder: Path) -> None:
    """A change that does something else besides is not signed, and a signature in another's name counts for nobody."""
    soft = spoiled(by, change, attacks.endorsement_of("nuri", "hanbit"), folder / "soft.json")
    said = other.refused("NOT_HARDENED", "channel", "sign", soft, "--yes", "--out", folder / "soft.signed.json")
    assert "nuri/policies/Endorsement is hanbit.peer" in said
    genuine = [path for path in signatures(by, change) if ".nuri." not in path.name]
    forged = rewritten(genuine[-1], folder / "forged.json", lambda it: it.update(institution="nuri"))
    said = by.refused("NOT_SIGNED", "channel", "submit", change, *genuine, forged)
    assert "the signature of nuri is not of an administrator of nuri in this channel" in said


def keys_in(folder: Path) -> Iterator[bytes]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and b"PRIVATE KEY" in (data := path.read_bytes()):
            yield data
