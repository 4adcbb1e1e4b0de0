"""A program written for hfc, with hfc itself and with `medconsent.fabric.hfc`, on one real network: both see the same.

hfc 1.0.0 gets an environment of its own: it shares no process with the official protos, nor with protobuf of today.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bench.world import World
from cryptography import x509

from medconsent.client import Client as Ours
from medconsent.fabric.errors import CAError, EventsError
from medconsent.fabric.hfc import (
    CAService,
    ChaincodeExecutionError,
    Client,
    Enrollment,
    FileSystenWallet,
    Gateway,
    Identity,
    InMemoryWalletStore,
    ca_service,
)
from medconsent_network import identities
from medconsent_network.home import Home
from medconsent_network.tools.toolchain import build_folder

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROGRAM = HERE / "written_for_hfc.py"
ORGANIZATION = "{}.example"


@pytest.fixture(scope="session")
def hfc_python() -> Path:
    """The interpreter of an environment that holds hfc 1.0.0 and what it runs with, hashes checked."""
    folder = build_folder() / "hfc-venv"
    python, done = folder / "bin" / "python", folder / "installed"
    wanted = "".join((ROOT / "requirements" / name).read_text() for name in ("hfc.txt", "hfc-itself.txt"))
    if not done.is_file() or done.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*pip, "-r", ROOT / "requirements" / "hfc.txt"], check=True)
        subprocess.run([*pip, "--no-deps", "-r", ROOT / "requirements" / "hfc-itself.txt"], check=True)
        done.write_text(wanted)
    return python


def profile_for(world: World, folder: Path) -> Path:
    """The consortium's connection profile as hfc's users have it: orderers too, and users with their files."""
    store = {"path": str(folder / "kvs"), "cryptoStore": {"path": str(folder / "cvs")}}
    document: dict[str, Any] = {"client": {"organization": ORGANIZATION.format("hanbit"), "credentialStore": store}}
    document |= {"organizations": {}, "peers": {}, "orderers": {}, "certificateAuthorities": {}}
    for name in world.consortium.institutions:
        home = world.consortium.home(name)
        operator, domain = world.officer(name, "operator-1"), ORGANIZATION.format(name)
        peer, orderer, root = f"peer0.{domain}", f"orderer.{domain}", {"path": str(home.tls_root)}
        options = {"grpc.ssl_target_name_override": "localhost"}
        document["organizations"][domain] = {
            "mspid": name,
            "peers": [peer],
            "orderers": [orderer],
            "users": {"Operator": {"cert": str(operator.certificate), "private_key": str(operator.key)}},
        }
        document["peers"][peer] = {
            "url": home.institution.address("peer"),
            "grpcOptions": options,
            "tlsCACerts": root,
        }
        document["orderers"][orderer] = {
            "url": home.institution.address("orderer"),
            "grpcOptions": options,
            "tlsCACerts": root,
        }
    path = folder / "network.json"
    path.write_text(json.dumps(document))
    return path


def run(python: Path | str, program: Path, *words: str | Path) -> dict[str, Any]:
    """What a program printed as JSON."""
    done = subprocess.run([python, program, *words], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def written_for_ours(folder: Path) -> Path:
    """The same program with its import changed."""
    text = PROGRAM.read_text()
    assert text.count("from hfc.fabric import") == 1
    changed = folder / "changed.py"
    changed.write_text(text.replace("from hfc.fabric import", "from medconsent.fabric.hfc import"))
    return changed


def description(world: World, institution: str, title: str) -> str:
    """The argument of `institution.set`, with another title."""
    return json.dumps(world.description(institution) | {"title": title})


def peers_of(*institutions: str) -> list[str]:
    """The names of their peers in the profile."""
    return [f"peer0.{ORGANIZATION.format(name)}" for name in institutions]


@pytest.fixture(scope="session")
def founded(world: World, ours: Callable[..., Ours]) -> str:
    """An institution that is on the ledger."""
    name = "saerom"
    if not any(one.id == name for one in ours("hanbit/operator-1", "operator").institutions.iterate()):
        world.found(name)
    return name


def test_a_program_sees_the_same_with_hfc_and_with_its_import_changed(
    hfc_python: Path, world: World, tmp_path: Path, founded: str
) -> None:
    profile, channel = profile_for(world, tmp_path), world.consortium.spec.channel
    peers = peers_of(*world.endorsers(founded))
    chaincode = world.consortium.spec.chaincode.name
    theirs, ours = (
        run(python, program, profile, channel, chaincode, description(world, founded, title), *peers)
        for python, program, title in (
            (hfc_python, PROGRAM, "By hfc"),
            (Path(sys.executable), written_for_ours(tmp_path), "By ours"),
        )
    )
    assert (theirs["written"].pop("title"), ours["written"].pop("title")) == ("By hfc", "By ours")
    assert theirs == ours
    assert ours["endorsers"] == sorted(world.endorsers(founded))
    assert all(ours[what] for what in ("read as written", "newest", "block by number", "answered", "blocks"))
    assert ours["transaction"] == [0, True]


def test_a_failure_is_raised_and_can_be_had_as_text(world: World, tmp_path: Path, founded: str) -> None:
    client = Client(profile_for(world, tmp_path))
    operator = client.get_user(ORGANIZATION.format(founded), "Operator")
    channel, chaincode = world.consortium.spec.channel, world.consortium.spec.chaincode.name
    own = peers_of(founded)
    asked: dict[str, Any] = {
        "requestor": operator,
        "channel_name": channel,
        "peers": own,
        "cc_name": chaincode,
        "args": [json.dumps({"institution": "nobody"})],
    }

    async def go() -> None:
        with pytest.raises(ChaincodeExecutionError, match="NOT_FOUND"):
            await client.chaincode_query(**asked, fcn="institution.get")
        with pytest.raises(ChaincodeExecutionError, match="INVALID"):
            await client.chaincode_invoke(**asked, fcn="institution.set")
        told = await client.chaincode_invoke(**asked, fcn="institution.set", raise_on_error=False)
        assert "INVALID" in told
        # Endorsed by another organization than the one whose word it is: the peers named are the ones that are asked.
        with pytest.raises(ChaincodeExecutionError):
            await client.chaincode_invoke(
                **asked | {"args": [description(world, founded, "Alone")], "peers": peers_of("nuri")},
                fcn="institution.set",
                wait_for_event=True,
            )
        defined = await client.query_instantiated_chaincodes(operator, channel, own)
        assert chaincode in [one.name for one in defined.chaincodes]
        await client.close_grpc_channels()

    asyncio.run(go())
    asyncio.run(go())  # in another event loop


def test_what_was_written_is_told_by_the_event_hub(world: World, tmp_path: Path, founded: str) -> None:
    client = Client(profile_for(world, tmp_path))
    operator = client.get_user(ORGANIZATION.format(founded), "Operator")
    channel, chaincode = world.consortium.spec.channel, world.consortium.spec.chaincode.name
    peers = peers_of(*world.endorsers(founded))
    outcomes: list[tuple[str, str, int]] = []
    events: list[dict[str, Any]] = []
    filtered: list[dict[str, Any]] = []

    async def go() -> str:
        hub = client.get_channel(channel).newChannelEventHub(peers[0], operator)
        hub.registerTxEvent("all", onEvent=lambda *told: outcomes.append(told))
        hub.registerBlockEvent(unregister=False, onEvent=filtered.append)
        hub.registerChaincodeEvent(chaincode, ".*", onEvent=lambda event, *_: events.append(event))
        listening = asyncio.ensure_future(hub.connect())
        answer = await client.chaincode_invoke(
            operator,
            channel,
            peers,
            [description(world, founded, "Told")],
            chaincode,
            fcn="institution.set",
            wait_for_event=True,
            cc_pattern="",
        )
        transaction: str = json.loads(answer)["changes"][-1]["tx"]
        async with asyncio.timeout(30):
            while transaction not in [one[0] for one in outcomes]:
                await asyncio.sleep(0.05)
        with pytest.raises(EventsError, match="was committed, and its event is"):
            await client.chaincode_invoke(
                operator,
                channel,
                peers,
                [description(world, founded, "Told again")],
                chaincode,
                fcn="institution.set",
                wait_for_event=True,
                cc_pattern="no such event",
            )
        hub.disconnect()
        await asyncio.wait_for(listening, 10)
        assert not hub.connected
        await client.close_grpc_channels()
        return transaction

    transaction = asyncio.run(go())
    (outcome,) = [one for one in outcomes if one[0] == transaction]
    assert outcome[1] == "VALID"
    (event,) = [one for one in events if one["tx_id"] == transaction]
    assert "payload" not in event  # a filtered block has none
    held = [each for block in filtered for each in block["filtered_transactions"] if each["txid"] == transaction]
    assert [each["tx_validation_code"] for each in held] == ["VALID"]
    assert held[0]["transaction_actions"]["chaincode_actions"][0]["chaincode_event"] == event


def registrar_of(home: Home, service: CAService) -> Enrollment:
    """The registrar, whose key lies in the home; hfc's users would have enrolled it with its secret."""
    holder = identities.registrar(home)
    return Enrollment(holder.private_key, holder.certificate_pem, service=service)


def test_who_is_registered_and_revoked_at_the_ca(world: World, founded: str) -> None:
    home = world.consortium.home(founded)
    service = ca_service(target=f"https://{home.institution.address('ca')}", ca_certs_path=home.tls_root)
    registrar, people = registrar_of(home, service), service.newIdentityService()
    secret = people.create(registrar, "hfc-user-2", attrs=[{"name": "medconsent.roles", "value": "dac"}])
    told = people.getOne("hfc-user-2", registrar)["result"]
    assert (told["id"], told["type"], told["max_enrollments"]) == ("hfc-user-2", "client", 1)
    assert {"name": "medconsent.roles", "value": "dac"} in told["attrs"]
    assert "hfc-user-2" in [one["id"] for one in people.getAll(registrar)["result"]["identities"]]
    changed = people.update("hfc-user-2", registrar, maxEnrollments=2, enrollmentSecret="another")["result"]
    assert changed["max_enrollments"] == 2
    with pytest.raises(CAError):
        service.enroll("hfc-user-2", secret)
    enrolled = service.enroll("hfc-user-2", "another")
    revoked, crl = registrar.revoke("hfc-user-2", gencrl=True)
    serial = x509.load_pem_x509_certificate(enrolled.cert).serial_number
    assert serial in [int(one["Serial"], 16) for one in revoked]
    for listed in (crl, registrar.generateCRL()):
        assert x509.load_pem_x509_crl(listed).get_revoked_certificate_by_serial_number(serial) is not None
    with pytest.raises(CAError):
        service.reenroll(enrolled)


def test_people_of_the_ca_ask_through_the_gateway_of_hfc(world: World, tmp_path: Path, founded: str) -> None:
    home = world.consortium.home(founded)
    service = ca_service(target=f"https://{home.institution.address('ca')}", ca_certs_path=home.tls_root)
    registrar = registrar_of(home, service)
    enrolled = service.enroll("hfc-user-1", registrar.register("hfc-user-1"))
    renewed = service.reenroll(enrolled)
    assert renewed.cert != enrolled.cert
    wallet = FileSystenWallet(tmp_path / "wallet")
    Identity("hfc-user-1", renewed).CreateIdentity(wallet)
    memory = InMemoryWalletStore()
    memory.put("hfc-user-1", renewed)
    assert (tmp_path / "wallet" / "hfc-user-1" / "private_sk").stat().st_mode & 0o777 == 0o600
    user = wallet.create_user("hfc-user-1", ORGANIZATION.format(founded), founded)
    assert user.identity == memory.create_user("hfc-user-1", ORGANIZATION.format(founded), founded).identity

    async def go() -> dict[str, Any]:
        gateway = Gateway()
        await gateway.connect(profile_for(world, tmp_path), {"wallet": wallet})
        network = await gateway.get_network(world.consortium.spec.channel, user)
        contract = network.get_contract(world.consortium.spec.chaincode.name)
        answer = await contract.evaluate_transaction("institution.get", [json.dumps({"institution": founded})])
        await gateway.disconnect()
        told: dict[str, Any] = json.loads(answer)
        return told

    assert asyncio.run(go())["record"]["body"]["country"] == "KR"
