"""The network itself: brought up, stopped, killed, moved. Of two institutions: nothing knows that there are three."""

import asyncio
import json
import os
import shutil
import signal
import stat
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fabric_protos.common import policies_pb2
from networks import running
from scenario import settled_heights

from medconsent.fabric.aio import AsyncGateway
from medconsent.fabric.ca import CAClient
from medconsent.fabric.errors import BlocksError, CAError
from medconsent.fabric.gateway import Gateway
from medconsent.fabric.profile import Profile
from medconsent.fabric.wallet import load
from medconsent_network import identities, operations, ports, processes, readiness, renewal
from medconsent_network.bringup import up_alone
from medconsent_network.chaincode import lifecycle
from medconsent_network.consortium import Consortium
from medconsent_network.errors import NetworkError
from medconsent_network.home import OPERATIONS_CLIENTS, Home
from medconsent_network.main import main
from medconsent_network.membership import updates
from medconsent_network.membership.genesis import MEMBERSHIP
from medconsent_network.processes import Process, Stage
from medconsent_network.processes.probes import reached
from medconsent_network.spec import Spec, parse
from medconsent_network.spec.services import SERVICES, Service
from medconsent_network.status import sentences, status, table, well
from medconsent_network.supervisor import Supervisor, leftovers
from medconsent_network.waiting import wait_for

TWO = """
institutions:
  - {name: gaon, title: "Gaon: a hospital", host: 127.0.0.1, port_base: 7100}
  - {name: dasom, title: Dasom, host: localhost, port_base: 7200}
"""
NAMES = ["gaon", "dasom"]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, sample_consortium: Spec) -> Iterator[Consortium]:
    """A consortium of two, in a folder whose name needs care."""
    spec = parse(TWO).with_fabric(sample_consortium.fabric_version)
    with running(tmp_path_factory.mktemp("a pair") / "net", spec) as consortium:
        yield consortium


def test_everything_serves_and_says_its_version(pair: Consortium) -> None:
    rows = status(pair.homes.values())
    assert well(rows)
    assert len(rows) == len(NAMES) * len(processes.of(pair.home("gaon")))
    for row in rows:
        assert row.version, row
        assert row.expires_in_days is not None
        assert row.expires_in_days > 300
    assert {row.version for row in rows if row.process == "peer"} == {pair.spec.fabric_version}
    assert len({row.height for row in rows if row.process in ("peer", "orderer")}) == 1
    for name, home in pair.homes.items():
        enrolled = f'api_request_count{{api_name="enroll",ca_name="ca-{name}",status_code="201"}}'
        assert operations.metric(home, "ca", enrolled)


def test_private_keys_are_private(pair: Consortium) -> None:
    files = [path for path in pair.folder.rglob("*") if path.is_file() and not path.is_symlink()]
    keys = [path for path in files if b"PRIVATE KEY" in path.read_bytes()]
    assert len(keys) >= len(NAMES) * 10
    for path in keys:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_no_secret_is_left_and_none_is_in_a_log(pair: Consortium) -> None:
    for home in pair.homes.values():
        assert not list(home.path.glob("*/bootstrap.json"))
        for log in home.log_folder.iterdir():
            assert "PRIVATE KEY" not in log.read_text(errors="replace")


def test_certificates_come_from_the_institutions_own_cas(pair: Consortium) -> None:
    for home in pair.homes.values():
        roots = {ca: x509.load_pem_x509_certificate(home.ca_certificate(ca).read_bytes()) for ca in ("ca", "tlsca")}
        issued = {
            "ca": [home / "peer" / "msp", home / "orderer" / "msp", home.user("admin"), home.user("registrar")],
            "tlsca": [home / name / "tls" for name in ("peer", "orderer", "chaincode", "ca", "tlsca")],
        }
        for ca, folders in issued.items():
            for folder in folders:
                file = folder / "signcerts" / "cert.pem" if (folder / "signcerts").is_dir() else folder / "cert.pem"
                x509.load_pem_x509_certificate(file.read_bytes()).verify_directly_issued_by(roots[ca])


def test_the_registrar_registers_clients_with_roles_and_nothing_more(pair: Consortium) -> None:
    home = pair.home("gaon")
    identity, _ = load(pair.enrol("gaon", "kim", ["steward", "dac"]), "gaon")
    assert identity.attributes["medconsent.roles"] == "steward,dac"
    assert identity.attributes["hf.EnrollmentID"] == identity.common_name == "kim"
    registrar = identities.registrar(home)
    with pair.ca("gaon") as ca:
        for forbidden in ({"type": "admin"}, {"type": "peer"}, {"attributes": {"hf.Registrar.Roles": "client"}}):
            with pytest.raises(CAError):
                ca.register(registrar, "mallory", **forbidden)  # type: ignore[arg-type]
        admin, signer = identities.signer(home, "admin")
        with pytest.raises(CAError):
            ca.register(_Asker(admin.certificate_pem, signer), "mallory")
    with pytest.raises(NetworkError, match="already registered") as twice:
        pair.register("gaon", "kim")
    assert twice.value.code == "CA_FAILED"


class _Asker:
    def __init__(self, certificate_pem: bytes, signer: object) -> None:
        self.certificate_pem = certificate_pem
        self.signer = signer


def test_the_connection_profile_is_enough_to_reach_peer_and_ca(pair: Consortium) -> None:
    profile = Profile.load(pair.home("dasom").connection_profile)
    assert (profile.msp_id, profile.channels) == ("dasom", ("medconsent",))
    ours = profile.document["x-medconsent"]
    assert (ours["channel"], ours["chaincode"]) == ("medconsent", "medconsent")
    people = pair.home("dasom").ca_certificate("ca").read_bytes()
    assert profile.root_certificates("x-medconsent") == people != profile.certificate_authority.tls_root
    authority = profile.certificate_authority
    with CAClient(authority.url, ca_name=authority.ca_name, tls_root=authority.tls_root) as ca:
        assert ca.info().name == "ca-dasom"
    identity, signer = load(pair.enrol("dasom", "lee"), "dasom")
    with Gateway(profile.peer.endpoint, identity, signer, tls_root=profile.peer.tls_root) as gateway:
        assert gateway.channel("medconsent").application_organizations() == sorted(NAMES)


def test_the_configuration_on_the_peers_is_the_hardened_one(pair: Consortium) -> None:
    for home in pair.homes.values():
        channel = updates.current(home).channel_group
        application, orderer = channel.groups["Application"], channel.groups["Orderer"]
        for group in (channel, application, orderer):
            assert group.mod_policy == MEMBERSHIP
            assert {policy.mod_policy for policy in group.policies.values()} == {MEMBERSHIP}
            assert group.values["Capabilities"].mod_policy == MEMBERSHIP
        assert orderer.values["ConsensusType"].mod_policy == MEMBERSHIP
        rule = policies_pb2.ImplicitMetaPolicy.FromString(application.policies["Membership"].policy.value)
        assert (rule.rule, rule.sub_policy) == (policies_pb2.ImplicitMetaPolicy.ALL, "Admins")
        rule = policies_pb2.ImplicitMetaPolicy.FromString(orderer.policies["BlockValidation"].policy.value)
        assert rule.sub_policy == "BlockSigners"
        assert set(application.groups) == set(NAMES)


def test_up_is_idempotent(pair: Consortium) -> None:
    before = {name: Supervisor(home).states() for name, home in pair.homes.items()}
    heights = settled_heights(pair)
    pair.up()
    after = {name: Supervisor(home).states() for name, home in pair.homes.items()}
    assert {name: {p: s.pid for p, s in states.items()} for name, states in before.items()} == {
        name: {p: s.pid for p, s in states.items()} for name, states in after.items()
    }
    assert settled_heights(pair) == heights


def test_a_killed_peer_is_started_again(pair: Consortium) -> None:
    supervisor = Supervisor(pair.home("gaon"))
    killed = supervisor.states()["peer"].pid
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: supervisor.states()["peer"].pid not in (0, killed), "it runs again", 30)
    pair.wait_ready()


def test_what_is_frozen_is_seen(pair: Consortium) -> None:
    """The system takes connections for a frozen process, so an open port is no sign of life."""
    home = pair.home("gaon")
    frozen = {name: Supervisor(home).states()[name].pid for name in ("ca", "chaincode", "orderer")}
    try:
        for pid in frozen.values():
            os.kill(pid, signal.SIGSTOP)
        rows = {row.process: row for row in status([home])}
    finally:
        for pid in frozen.values():
            os.kill(pid, signal.SIGCONT)
    assert {name for name, row in rows.items() if not row.healthy} == set(frozen)
    for name, pid in frozen.items():
        assert rows[name].trouble == f"it is frozen: process {pid} was stopped by a signal"
        assert f"kill -CONT {pid}" in rows[name].mend
    pair.wait_ready()
    wait_for(lambda: well(status(pair.homes.values())), "all is well again", 30)


def test_a_chaincode_that_its_peer_does_not_reach_is_seen(pair: Consortium) -> None:
    """It runs and listens, and takes nobody's certificate but those of another root."""
    home = pair.home("gaon")
    trusted = home.node("chaincode") / "tls" / "ca.pem"
    before = trusted.read_bytes()
    try:
        trusted.write_bytes(pair.home("dasom").tls_root.read_bytes())
        pair.stop("gaon", "chaincode")
        pair.start("gaon", "chaincode")
        rows = {row.process: row for row in status([home])}
    finally:
        trusted.write_bytes(before)
        pair.stop("gaon", "chaincode")
        pair.start("gaon", "chaincode")
    assert rows["chaincode"].healthy
    assert rows["chaincode"].trouble.startswith("the peer does not reach it (")
    assert not well(rows.values())
    assert [name for name, row in rows.items() if row.trouble] == ["chaincode"]
    pair.wait_ready()


def test_a_supervisord_that_is_frozen_or_killed_is_seen_and_mended(pair: Consortium) -> None:
    home = pair.home("gaon")
    supervisor = Supervisor(home)
    daemon = int((supervisor.folder / "supervisord.pid").read_text())
    pids = {name: state.pid for name, state in supervisor.states().items() if state.up}
    os.kill(daemon, signal.SIGSTOP)
    try:
        rows = status([home])
        assert {row.process: row.pid for row in rows if row.pid} == pids
        assert {row.state for row in rows if row.pid} == {"UNWATCHED"}
        assert f"supervisord of gaon, process {daemon}, does not answer" in sentences(rows)
    finally:
        os.kill(daemon, signal.SIGKILL)
    wait_for(lambda: leftovers.state_of(daemon) in ("", "Z"), "it is gone", 10)
    assert "supervisord of gaon was killed" in sentences(status([home]))
    assert "gaon" in pair.running
    pair.up()  # ends what was left, and starts the home anew
    after = supervisor.states()
    assert not {state.pid for state in after.values()} & set(pids.values())
    assert well(status(pair.homes.values()))


def test_down_and_up_loses_nothing(pair: Consortium) -> None:
    heights = settled_heights(pair)
    certificates = {home.name: home.tls_root.read_bytes() for home in pair.homes.values()}
    assert pair.down() == NAMES
    assert pair.down() == []
    assert not well(status(pair.homes.values()))
    assert all(row.state == "STOPPED" for row in status(pair.homes.values()))
    pair.up()
    assert settled_heights(pair) == heights
    assert {home.name: home.tls_root.read_bytes() for home in pair.homes.values()} == certificates
    pair.register("gaon", "after-the-restart")  # the registry of the CA too


def test_certificates_are_renewed_before_they_end(pair: Consortium) -> None:
    """Every certificate is another one then, every key is the same, and the network goes on, in the same channel."""
    for home in pair.homes.values():
        assert renewal.renew(home) == [], "nothing ends within a month"
    officers = {name: pair.enrol("gaon", name, ["operator"]) for name in ("op-1", "op-2")}
    before = {name: _certificates(home) for name, home in pair.homes.items()}
    keys = {name: _keys(home) for name, home in pair.homes.items()}
    told = CliRunner().invoke(main, ["--network", str(pair.folder), "renew", "--within", "400"])
    assert told.exit_code == 0, told.output
    for name, home in pair.homes.items():
        titles = "peer, orderer, admin, registrar, peer (TLS), orderer (TLS), chaincode (TLS), osnadmin (TLS), "
        assert f"{name}: {titles}ca (TLS), tlsca (TLS)\n" in told.stdout
        after = _certificates(home)
        assert before[name].keys() == after.keys()
        assert not set(before[name].values()) & set(after.values())
        assert _keys(home) == keys[name]
        # Fabric builds a package once: what it has of the peer's certificate must be the new one
        (built,) = (home.path / "peer" / "data" / "externalbuilder").rglob("release/chaincode/server/connection.json")
        assert json.loads(built.read_text())["client_cert"] == (home.path / "peer" / "tls" / "cert.pem").read_text()
        assert stat.S_IMODE(identities.certificate(home.node("peer") / "tls").stat().st_mode) == 0o600
    assert well(status(pair.homes.values()))
    pair.register("dasom", "after-renewal")
    named = [{"id": name, "roles": ["operator"], "key": _fingerprint(folder)} for name, folder in officers.items()]
    profile = {"title": "Gaon", "country": "KR", "contact": "data@gaon.example", "roles": [], "officers": named}
    with _gateway(pair, "gaon", officers["op-1"]) as gateway:
        channel, chaincode = gateway.channel(pair.spec.channel), pair.spec.chaincode.name
        events = channel.chaincode_events(chaincode)
        done = channel.contract(chaincode).submit("institution.set", json.dumps(profile), endorsing_organizations=NAMES)
        assert next(events).transaction_id == done.transaction_id, "it was open before it was read"
        threading.Timer(0.5, events.close).start()
        assert list(events) == []
        assert list(channel.blocks(channel.height())) == []
        with pytest.raises(BlocksError, match="has no channel 'nowhere'"):
            list(gateway.channel("nowhere").blocks(0))
    _meanwhile_awaited(pair, officers["op-1"], done.block_number)
    wait_for(lambda: set(pair.heights().values()) == {done.block_number + 1}, "both peers have the block", 30)


def test_a_peer_that_lost_its_data_comes_back(pair: Consortium) -> None:
    """It joins anew and reads the blocks with its own seals, whose private part nobody has any more, at once."""
    home = pair.home("gaon")
    heights = settled_heights(pair)
    Supervisor(home).shutdown()
    shutil.rmtree(home.node("peer") / "data")
    supervisor = Supervisor(home)
    supervisor.ensure()
    supervisor.start(processes.names(home, *Stage))
    readiness.wait_serving(home, "peer", "orderer", "chaincode")
    (peer,) = (row for row in status([home]) if row.process == "peer")
    assert (peer.healthy, peer.height, peer.trouble) == (True, None, "it is in no channel")
    begin = time.monotonic()
    up_alone(home)
    assert time.monotonic() - begin < 50, "60 s a block with a seal of its own"
    assert settled_heights(pair) == heights
    lifecycle.approve(home)  # which it has approved, and everybody committed: the other words of 3.1.1
    pair.wait_ready()
    assert well(status(pair.homes.values()))


def test_a_home_that_is_down_is_not_renewed(pair: Consortium) -> None:
    pair.stop("dasom", "chaincode")
    try:
        with pytest.raises(NetworkError, match="is not up") as refused:
            renewal.renew(pair.home("dasom"), timedelta(days=400))
    finally:
        pair.start("dasom", "chaincode")
    assert refused.value.code == "PROCESS_FAILED"


def _gateway(pair: Consortium, institution: str, folder: Path) -> Gateway:
    home = pair.home(institution)
    address = home.institution.address("peer")
    return Gateway(address, *load(folder, institution), tls_root=home.tls_root.read_bytes())


def _meanwhile_awaited(pair: Consortium, folder: Path, block: int) -> None:
    """An awaited stream outlives a reader who gives up; an unknown channel is an error there too."""
    home = pair.home("gaon")
    address, root = home.institution.address("peer"), home.tls_root.read_bytes()

    async def read() -> None:
        async with AsyncGateway(address, *load(folder, "gaon"), tls_root=root) as gateway:
            events = gateway.channel(pair.spec.channel).chaincode_events(pair.spec.chaincode.name, start_block=block)
            assert (await anext(events)).block_number == block
            for _ in range(2):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(anext(events), 0.3)
            await events.aclose()
            with pytest.raises(BlocksError, match="has no channel 'nowhere'"):
                await anext(gateway.channel("nowhere").blocks())

    asyncio.run(read())


def _fingerprint(folder: Path) -> str:
    """The SHA-256 of the public key in a wallet, as the ledger has it."""
    key = load(folder, "gaon")[0].certificate.public_key()
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _certificates(home: Home) -> dict[Path, int]:
    """The serial number of every certificate that the home has of its own CAs, but for the CAs' own roots."""
    pinned = [home.operations_client(name) / "cert.pem" for name in OPERATIONS_CLIENTS]
    files = [path for path in home.path.rglob("cert.pem") if path not in pinned]
    return {path: x509.load_pem_x509_certificate(path.read_bytes()).serial_number for path in files}


def _keys(home: Home) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.path.rglob("key.pem")}


def test_a_taken_port_is_named(pair: Consortium) -> None:
    """A second consortium on the same ports is refused before it starts anything."""
    other = Consortium.at(pair.folder.parent / "other", pair.spec)
    try:
        with pytest.raises(NetworkError) as refused:
            other.up()
        assert refused.value.code == "PORT_TAKEN"
        assert "fabric-ca" in refused.value.message
        assert not other.running
        assert not other.folder.exists()
    finally:
        other.clean()
    assert well(status(pair.homes.values()))


def test_a_home_can_be_moved(pair: Consortium, tmp_path: Path) -> None:
    """Stopped, copied to another folder, started there by itself: the consortium goes on with it."""
    home = pair.home("gaon")
    Supervisor(home).shutdown()
    moved = tmp_path / "another place" / "gaon"
    shutil.copytree(home.path, moved, symlinks=True)
    home.path.rename(home.path.with_name("gaon-was-here"))
    there = Home.open(moved)
    try:
        up_alone(there)
        assert {state.state for state in Supervisor(there).states().values()} == {"RUNNING"}
        with pytest.raises(NetworkError, match="the home of gaon is not in"):  # and is not begun anew
            pair.up()
        readiness.wait_endorsing(there, NAMES)
        readiness.wait_endorsing(pair.home("dasom"), NAMES)
        home.path.symlink_to(moved)  # with a link the whole network knows it again
        linked = Consortium.at(pair.folder)
        linked.up()
        assert well(status(linked.homes.values()))
        assert linked.running == NAMES
    finally:
        home.path.unlink(missing_ok=True)
        Supervisor(there).shutdown()
        home.path.with_name("gaon-was-here").rename(home.path)
    pair.up()


class Echo(Process):
    """A process that a later version of the program might bring: Python's own web server, on a port of its own."""

    name = "echo"
    services = ("echo",)

    def command(self, home: Home) -> str:
        return f'"{sys.executable}" -m http.server {home.institution.port("echo")} --bind 127.0.0.1'

    def serves(self, home: Home) -> bool:
        return reached(home.institution.local("echo"), home.institution.port("echo"))

    def version(self, home: Home) -> str:
        return "1"


def test_a_new_process_comes_to_a_network_that_exists(pair: Consortium, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network that was made before there was an eleventh port comes up with it; all else stays where it was."""
    file = pair.folder / "consortium.yaml"
    before, ports = file.read_text(), {name: home.institution.all_ports for name, home in pair.homes.items()}
    heights = settled_heights(pair)
    monkeypatch.setattr(processes, "ALL", (*processes.ALL, Echo()))
    monkeypatch.setitem(SERVICES, "echo", Service("an echo"))
    with pytest.raises(NetworkError, match="was changed while"):
        Consortium.at(pair.folder).up()
    file.write_text(before)
    pair.down()
    upgraded = Consortium.at(pair.folder)
    try:
        upgraded.up()
        rows = status(upgraded.homes.values())
        assert well(rows), table(rows)
        assert [row.institution for row in rows if row.process == "echo"] == NAMES
        for name, home in upgraded.homes.items():
            assert {service: port for service, port in home.institution.all_ports.items() if service != "echo"} == (
                ports[name]
            )
        assert settled_heights(upgraded) == heights
    finally:
        upgraded.down()
    monkeypatch.undo()
    file.write_text(before)
    pair.up()


def test_a_file_that_the_channel_contradicts_is_refused_at_once(pair: Consortium) -> None:
    file = pair.folder / "consortium.yaml"
    before = file.read_text()
    third = "- {name: haram, title: Haram, host: 127.0.0.1, port_base: 7900}\n"
    try:
        file.write_text(before + third)
        with pytest.raises(NetworkError, match="names haram, which is not in the channel") as refused:
            Consortium.at(pair.folder).up()
        assert refused.value.code == "CONSORTIUM_INVALID"
        pair.down()
        moved = pair.spec.with_ports("gaon", {"orderer": ports.free_bases(1)[0]})
        file.write_text(moved.to_yaml())
        begin = time.monotonic()
        with pytest.raises(NetworkError, match=r"has the orderer of gaon at \S+, and the channel at"):
            Consortium.at(pair.folder).up()
        assert time.monotonic() - begin < 60
        Consortium.at(pair.folder).down()
    finally:
        file.write_text(before)
    pair.up()


def test_another_definition_needs_the_next_sequence(pair: Consortium) -> None:
    """The chaincode's version and sequence may be changed in the file of a network that is down."""
    file = pair.folder / "consortium.yaml"
    before = file.read_text()
    changed = before.replace("version: 0.2.0", "version: 0.2.1")
    file.write_text(changed)
    with pytest.raises(NetworkError, match="was changed while"):
        Consortium.at(pair.folder).up()
    pair.down()
    with pytest.raises(NetworkError, match=r"sequence 1 .* is committed with version 0\.2\.0, not 0\.2\.1"):
        Consortium.at(pair.folder).up()
    pair.down()
    file.write_text(changed.replace("sequence: 1", "sequence: 2"))
    upgraded = Consortium.at(pair.folder)
    upgraded.up()
    assert {lifecycle.committed_definition(home) for home in upgraded.homes.values()} == {(2, "0.2.1")}
