"""Wallets and connection profiles, as other tools left them."""

import json
from pathlib import Path
from typing import Any

import pytest

from medconsent.fabric import Identity, IdentityError, PrivateKeySigner, ProfileError, WalletError
from medconsent.fabric.profile import Profile
from medconsent.fabric.wallet import Wallet, load


def test_wallet_round_trip(tmp_path: Path, identity: Identity, signer: PrivateKeySigner) -> None:
    wallet = Wallet(tmp_path / "wallet")
    assert list(wallet) == []
    wallet.put("kim", identity.certificate_pem, signer.to_pem())
    wallet.put("kim", identity.certificate_pem, signer.to_pem())
    assert list(wallet) == ["kim"]
    assert wallet.get("kim", "hanbit")[0] == identity
    folder = tmp_path / "wallet" / "kim"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {entry.name: entry.stat().st_mode & 0o777 for entry in folder.iterdir()} == {
        "cert.pem": 0o600,
        "key.pem": 0o600,
    }
    wallet.remove("kim")
    assert "kim" not in wallet
    with pytest.raises(WalletError, match="no identity"):
        wallet.remove("kim")


@pytest.mark.parametrize("label", ["", "../kim", ".hidden", "a/b", "a\0b"])
def test_labels_that_leave_the_wallet(tmp_path: Path, label: str) -> None:
    with pytest.raises(WalletError, match="label"):
        Wallet(tmp_path).get(label, "hanbit")


@pytest.mark.parametrize(
    ("certificate", "key"),
    [("enrollmentCert.pem", "private_sk"), ("signcerts/cert.pem", "keystore/0f_sk"), ("cert.pem", "key.pem")],
)
def test_layouts(tmp_path: Path, identity: Identity, signer: PrivateKeySigner, certificate: str, key: str) -> None:
    for name, content in ((certificate, identity.certificate_pem), (key, signer.to_pem())):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert load(tmp_path, "hanbit")[0] == identity


def test_folders_without_one_whole_identity(tmp_path: Path, identity: Identity, signer: PrivateKeySigner) -> None:
    with pytest.raises(WalletError, match="expected"):
        load(tmp_path, "hanbit")
    (tmp_path / "signcerts").mkdir()
    (tmp_path / "keystore").mkdir()
    (tmp_path / "signcerts" / "cert.pem").write_bytes(identity.certificate_pem)
    for number in (1, 2):
        (tmp_path / "keystore" / f"{number}_sk").write_bytes(signer.to_pem())
    with pytest.raises(WalletError, match="one certificate and one key, and holds 1 and 2"):
        load(tmp_path, "hanbit")
    (tmp_path / "keystore" / "1_sk").unlink()
    (tmp_path / "keystore" / "2_sk").write_bytes(PrivateKeySigner.generate().to_pem())
    with pytest.raises(IdentityError, match="does not belong"):
        load(tmp_path, "hanbit")


@pytest.fixture
def document() -> dict[str, Any]:
    """As in the Fabric documentation, with a path (hfc) and inline PEM."""
    return {
        "client": {"organization": "Hanbit"},
        "channels": {"medconsent": {}},
        "organizations": {
            "Hanbit": {"mspid": "hanbit", "peers": ["peer0"], "certificateAuthorities": ["ca0"]},
            "Nuri": {"mspid": "nuri", "peers": []},
        },
        "peers": {
            "peer0": {
                "url": "grpcs://peer.example:7051",
                "tlsCACerts": {"path": "tls.pem"},
                "grpcOptions": {"ssl-target-name-override": "peer0.hanbit"},
            }
        },
        "certificateAuthorities": {
            "ca0": {"url": "https://ca.example:7054", "caName": "ca-hanbit", "tlsCACerts": {"pem": ["one", "two"]}}
        },
    }


@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_a_profile(tmp_path: Path, document: dict[str, Any], suffix: str) -> None:
    (tmp_path / "tls.pem").write_bytes(b"root")
    path = tmp_path / f"connection{suffix}"
    path.write_text(json.dumps(document))  # JSON is YAML too
    profile = Profile.load(path)
    assert (profile.organization, profile.msp_id, profile.channels) == ("Hanbit", "hanbit", ("medconsent",))
    peer, ca = profile.peer, profile.certificate_authority
    assert (peer.endpoint, peer.tls_root, peer.server_name) == ("peer.example:7051", b"root", "peer0.hanbit")
    assert (ca.url, ca.ca_name, ca.tls_root) == ("https://ca.example:7054", "ca-hanbit", b"one\ntwo")
    nuri = Profile.load(path, "nuri")
    with pytest.raises(ProfileError, match="names no peer"):
        _ = nuri.peer
    with pytest.raises(ProfileError, match="names no certificate authority"):
        _ = nuri.certificate_authority


def test_a_peer_without_tls(document: dict[str, Any]) -> None:
    document["peers"]["peer0"] = {"url": "grpc://peer.example:7051"}
    assert Profile.parse(document).peer.tls_root is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.update(client={"organization": "Saerom"}), "no organization 'Saerom'"),
        (lambda d: d.pop("client"), "name one of"),
        (lambda d: d["organizations"]["Hanbit"].pop("mspid"), "has no mspid"),
        (lambda d: d["peers"].clear(), "no such entry"),
        (lambda d: d["peers"]["peer0"].pop("url"), r"peers\.peer0 has no url"),
        (lambda d: d["peers"]["peer0"].pop("tlsCACerts"), r"peers\.peer0 has no tlsCACerts"),
        (lambda d: d["peers"].update(peer0=[1]), "must be an object"),
    ],
)
def test_profiles_that_do_not_say_enough(tmp_path: Path, document: dict[str, Any], change: Any, sentence: str) -> None:
    (tmp_path / "tls.pem").write_bytes(b"root")
    change(document)
    with pytest.raises(ProfileError, match=sentence):
        Profile.parse(document, base=tmp_path)


def test_files_that_are_no_profile(tmp_path: Path) -> None:
    for name, content in (("a.json", "{"), ("a.yaml", "a: [")):
        (tmp_path / name).write_text(content)
        with pytest.raises(ProfileError, match="neither JSON nor YAML"):
            Profile.load(tmp_path / name)
    with pytest.raises(ProfileError, match="cannot be read"):
        Profile.load(tmp_path / "missing.json")
    with pytest.raises(ProfileError, match="is an object"):
        Profile.parse([])
