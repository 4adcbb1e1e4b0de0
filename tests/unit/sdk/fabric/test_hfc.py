"""hfc's calls, as far as they need no network: profiles, users, wallets, and what is refused."""

import asyncio
import base64
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medconsent.fabric import hfc
from medconsent.fabric.ca import CAClient
from medconsent.fabric.errors import CAError, FabricError, IdentityError, ProfileError, WalletError
from medconsent.fabric.hfc import refused
from medconsent.fabric.hfc.authority import attributes
from medconsent.fabric.identity import PrivateKeySigner

Pair = Callable[[], tuple[bytes, bytes]]


@pytest.fixture
def pair(certify: Callable[..., bytes]) -> Pair:
    """Makes a new key and a certificate to it, PEM."""

    def made() -> tuple[bytes, bytes]:
        signer = PrivateKeySigner.generate()
        return signer.to_pem(), certify(signer)

    return made


def profile(folder: Path, cert: Any, private_key: Any, **more: Any) -> Path:
    """A profile with one organization, one peer and one user."""
    document = {
        "organizations": {
            "org1.example.com": {
                "mspid": "Org1MSP",
                "peers": ["peer0.org1.example.com"],
                "users": {"User1": {"cert": cert, "private_key": private_key}},
            },
            "org2.example.com": {"mspid": "Org2MSP", "peers": ["peer0.org2.example.com"]},
        },
        "peers": {
            "peer0.org1.example.com": {"url": "grpc://localhost:7051"},
            "peer0.org2.example.com": {"url": "grpc://localhost:9051"},
            "peer0.nobody.example.com": {"url": "grpc://localhost:9052"},
        },
        "orderers": {"orderer.example.com": {"url": "localhost:7050"}},
        "certificateAuthorities": {"ca-org1": {"url": "https://localhost:7054"}},
    } | more
    path = folder / "network.json"
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def client(tmp_path: Path, pair: Pair) -> hfc.Client:
    """A client whose profile has a user."""
    key, certificate = pair()
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "cert.pem").write_bytes(certificate)
    return hfc.Client(profile(tmp_path, "cert.pem", "key.pem"))


def test_what_is_in_a_profile(client: hfc.Client) -> None:
    assert list(client.organizations) == ["org1.example.com", "org2.example.com"]
    assert client.peers["peer0.org1.example.com"].msp_id == "Org1MSP"
    assert list(client.orderers) == ["orderer.example.com"]
    assert list(client.CAs) == ["ca-org1"]
    assert client.get_net_info("peers", "peer0.org1.example.com", "url") == "grpc://localhost:7051"
    assert client.get_net_info("peers", "nobody", "url") is None
    assert client.get_peer("nobody") is None
    assert client.get_orderer("nobody") is None


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(lambda path, pem: str(path), id="path"),
        pytest.param(lambda path, pem: path.name, id="beside-the-profile"),
        pytest.param(lambda path, pem: {"path": str(path)}, id="object-with-path"),
        pytest.param(lambda path, pem: {"pem": base64.b64encode(pem).decode()}, id="base64"),
        pytest.param(lambda path, pem: {"pem": pem.decode()}, id="pem"),
    ],
)
def test_a_user_s_files_by_each_of_hfc_s_ways(tmp_path: Path, form: Callable[[Path, bytes], Any], pair: Pair) -> None:
    key, certificate = pair()
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "cert.pem").write_bytes(certificate)
    made = hfc.Client(
        profile(tmp_path, form(tmp_path / "cert.pem", certificate), form(tmp_path / "key.pem", key))
    ).get_user("org1.example.com", "User1")
    assert (made.name, made.org, made.msp_id) == ("User1", "org1.example.com", "Org1MSP")
    assert made.identity.certificate_pem.strip() == certificate.strip()
    assert made.signer.to_pem() == key
    assert "PRIVATE" not in repr(made)


@pytest.mark.parametrize(
    ("cert", "key", "said"),
    [
        ("nothing.pem", "nothing.pem", "users.User1.private_key is not there: nothing.pem"),
        ({"pem": "%%%"}, {"pem": "%%%"}, "neither PEM nor base64"),
        (7, 7, "neither a path nor an object"),
        (None, None, "neither a path nor an object"),
        ({"path": "a\0b"}, {"path": "a\0b"}, "is not there"),
    ],
    ids=["missing", "garbage", "number", "none", "nul"],
)
def test_a_user_s_files_that_are_none(tmp_path: Path, cert: Any, key: Any, said: str) -> None:
    with pytest.raises(ProfileError, match=said):
        hfc.Client(profile(tmp_path, cert, key)).get_user("org1.example.com", "User1")


def test_a_user_whose_key_is_another_s(tmp_path: Path, pair: Pair) -> None:
    (key, _), (_, certificate) = pair(), pair()
    asked = hfc.Client(profile(tmp_path, {"pem": certificate.decode()}, {"pem": key.decode()}))
    with pytest.raises(IdentityError, match="does not belong"):
        asked.get_user("org1.example.com", "User1")


@pytest.mark.parametrize(("organization", "user"), [("org9", "User1"), ("org1.example.com", "User9")])
def test_a_user_who_is_not_there_is_an_error(client: hfc.Client, organization: str, user: str) -> None:
    with pytest.raises(ProfileError, match="there is: "):
        client.get_user(organization, user)


def test_a_profile_is_needed(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="is missing"):
        hfc.Client()
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(ProfileError, match="is an object"):
        hfc.Client(tmp_path / "list.json")


@pytest.mark.parametrize("call", sorted(refused.INSTEAD))
def test_what_is_not_there_says_what_to_do(client: hfc.Client, call: str) -> None:
    with pytest.raises(hfc.NotHere, match=call) as caught:
        getattr(client, call)
    assert caught.value.instead
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 - our own


def test_a_mistyped_call_is_no_call_of_hfc(client: hfc.Client) -> None:
    with pytest.raises(AttributeError, match="chaincode_invok'"):
        client.chaincode_invok  # noqa: B018 - it raises


@pytest.mark.parametrize(
    ("peers", "said"),
    [
        (["peer9"], "has no peer 'peer9'; it has: peer0.org1"),
        (["peer0.nobody.example.com"], "no organization of the profile names the peer"),
        ("peer0.org1.example.com", "is a list of names"),
    ],
    ids=["unknown", "of-nobody", "text"],
)
def test_peers_that_cannot_be_asked(client: hfc.Client, peers: Any, said: str) -> None:
    user = client.get_user("org1.example.com", "User1")
    with pytest.raises(ProfileError, match=said):
        asyncio.run(client.chaincode_query(user, "ch", peers, [], "cc"))


def test_who_asks_must_be_a_user(client: hfc.Client) -> None:
    with pytest.raises(FabricError, match="as get_user gives it, and not NoneType"):
        asyncio.run(client.chaincode_query(None, "ch", ["peer0.org1.example.com"], [], "cc"))  # type: ignore[arg-type]


def test_the_ledger_is_told_by_a_peer_of_one_s_own(client: hfc.Client) -> None:
    user = client.get_user("org1.example.com", "User1")
    with pytest.raises(hfc.NotHere, match="name a peer of Org1MSP"):
        asyncio.run(client.query_info(user, "ch", ["peer0.org2.example.com"]))
    with pytest.raises(hfc.NotHere, match="init-required"):
        asyncio.run(client.chaincode_invoke(user, "ch", [], [], "cc", is_init=True))


def test_a_wallet_of_files(tmp_path: Path, pair: Pair) -> None:
    key, certificate = pair()
    enrolled = hfc.Enrollment(PrivateKeySigner.from_pem(key).private_key, certificate)
    wallet = hfc.FileSystenWallet(tmp_path / "w")
    assert not wallet.exists("kim")
    hfc.Identity("kim", enrolled).CreateIdentity(wallet)
    assert wallet.exists("kim")
    assert {one.name for one in (tmp_path / "w" / "kim").iterdir()} == {"private_sk", "enrollmentCert.pem"}
    assert wallet.create_user("kim", "Org1", "Org1MSP").signer.to_pem() == key
    wallet.remove("kim")
    assert not wallet.exists("kim")
    with pytest.raises(WalletError, match="no identity 'kim'"):
        wallet.remove("kim")
    with pytest.raises(WalletError, match="cannot be the label"):
        hfc.Identity("../kim", enrolled).CreateIdentity(wallet)
    with pytest.raises(WalletError, match="Enrollment"):
        hfc.Identity("kim", "nothing")  # type: ignore[arg-type]


def test_a_wallet_in_memory(pair: Pair) -> None:
    key, certificate = pair()
    wallet = hfc.InMemoryWalletStore()
    with pytest.raises(WalletError, match="no identity 'kim'"):
        wallet.create_user("kim", "Org1", "Org1MSP")
    wallet.put("kim", hfc.Enrollment(PrivateKeySigner.from_pem(key).private_key, certificate))
    assert wallet.create_user("kim", "Org1", "Org1MSP").msp_id == "Org1MSP"
    wallet.remove("kim")
    assert not wallet.exists("kim")


@pytest.mark.parametrize(
    ("target", "root", "said"),
    [
        ("https://localhost:7054", None, "ca_certs_path is missing"),
        ("https://localhost:7054", "nothing.pem", "cannot be read"),
        ("http://localhost:7054", "root.pem", "must start with https"),
    ],
    ids=["no-root", "no-file", "plain"],
)
def test_a_ca_that_would_not_be_checked_is_not_asked(
    tmp_path: Path, target: str, root: str | None, said: str, pair: Pair
) -> None:
    (tmp_path / "root.pem").write_bytes(pair()[1])
    with pytest.raises(CAError, match=said):
        hfc.ca_service(target, None if root is None else tmp_path / root)


def test_what_a_ca_service_does_not_do(pair: Pair) -> None:
    key, certificate = pair()
    service = hfc.CAService(CAClient("https://localhost:7054", tls_root=certificate))
    enrolled = hfc.Enrollment(PrivateKeySigner.from_pem(key).private_key, certificate)
    for refusal in (
        lambda: service.enroll("kim", "secret", csr=object()),
        service.newAffiliationService,
        service.newCertificateService,
        lambda: service.newIdentityService().delete("kim", enrolled),
        lambda: service.newIdentityService().update("kim", enrolled, affiliation="."),
        lambda: enrolled.generateCRL("2026-01-01"),
    ):
        with pytest.raises(hfc.NotHere):
            refusal()
    with pytest.raises(IdentityError, match="knows no CA"):
        enrolled.register("lee")


@pytest.mark.parametrize(
    "told", [{"role": "client"}, [{"name": "role", "value": "client", "ecert": True}]], ids=["mapping", "list"]
)
def test_attributes_by_either_way(told: Any) -> None:
    assert attributes(told) == {"role": "client"}


def test_attributes_that_are_none() -> None:
    assert attributes(None) == {}
    with pytest.raises(FabricError, match="list of objects with name and value"):
        attributes(["role"])


def test_a_gateway_that_is_not_connected() -> None:
    with pytest.raises(FabricError, match="is not connected"):
        asyncio.run(hfc.Gateway().get_network("ch"))


def test_somebody_must_ask(client: hfc.Client) -> None:
    contract = hfc.Contract(client, "ch", "cc", None)
    with pytest.raises(FabricError, match="nobody asks"):
        asyncio.run(contract.evaluate_transaction("read", []))
