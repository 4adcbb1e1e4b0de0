"""Wallets and connection profiles, as other tools left them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from medconsent.fabric import Identity, IdentityError, PrivateKeySigner, ProfileError, WalletError
from medconsent.fabric.profile import Profile
from medconsent.fabric.wallet import Wallet, load

ROOT = b"-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"


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
    key = tmp_path / "keystore" / "1_sk"
    key.write_bytes(PrivateKeySigner.generate().to_pem())
    with pytest.raises(IdentityError, match="does not belong"):
        load(tmp_path, "hanbit")
    (tmp_path / "keystore" / "2_sk").write_bytes(PrivateKeySigner.generate().to_pem())
    with pytest.raises(WalletError, match="one certificate and one key, and holds 1 and 2, none of which fit"):
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
            "ca0": {
                "url": "https://ca.example:7054",
                "caName": "ca-hanbit",
                "tlsCACerts": {"pem": [ROOT.decode(), ROOT.decode()]},
            }
        },
    }


@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_a_profile(tmp_path: Path, document: dict[str, Any], suffix: str) -> None:
    (tmp_path / "tls.pem").write_bytes(ROOT)
    path = tmp_path / f"connection{suffix}"
    path.write_text(json.dumps(document))  # JSON is YAML too
    profile = Profile.load(path)
    assert (profile.organization, profile.msp_id, profile.channels) == ("Hanbit", "hanbit", ("medconsent",))
    peer, ca = profile.peer, profile.certificate_authority
    assert (peer.endpoint, peer.tls_root, peer.server_name) == ("peer.example:7051", ROOT, "peer0.hanbit")
    assert (ca.url, ca.ca_name, ca.tls_root) == ("https://ca.example:7054", "ca-hanbit", ROOT * 2)
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
        (lambda d: (d.pop("client"), d["organizations"]["Nuri"].update(peers=["peer0"])), "name one of"),
        (lambda d: d["organizations"]["Hanbit"].pop("mspid"), "has no mspid"),
        (lambda d: d["peers"].clear(), "no such entry"),
        (lambda d: d["peers"]["peer0"].pop("url"), r"peers\.peer0 has no url"),
        (lambda d: d["peers"]["peer0"].pop("tlsCACerts"), r"peers\.peer0 has no tlsCACerts"),
        (lambda d: d["peers"].update(peer0=[1]), "must be an object"),
    ],
)
def test_profiles_that_do_not_say_enough(tmp_path: Path, document: dict[str, Any], change: Any, sentence: str) -> None:
    (tmp_path / "tls.pem").write_bytes(ROOT)
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


def as_hfc_has_it(root: str) -> dict[str, Any]:
    """The shape of hfc's own sample: three organizations, one shortened name, paths from the working folder."""
    peer = {"url": "grpcs://localhost:7051", "tlsCACerts": {"path": root}}
    return {
        "client": {"organization": "Org1"},
        "organizations": {
            "orderer.example.com": {"mspid": "OrdererOrg", "certificateAuthorities": ["ca-orderer"]},
            "org1.example.com": {
                "mspid": "Org1MSP",
                "peers": ["peer0.org1.example.com"],
                "certificateAuthorities": ["ca-org1"],
            },
            "org2.example.com": {"mspid": "Org2MSP", "peers": ["peer0.org2.example.com"]},
        },
        "channels": {"_default": {}, "medconsent": {}},
        "peers": {
            "_default": {"grpcOptions": {"hostnameOverride": "peer0"}},
            "peer0.org1.example.com": peer,
            "peer0.org2.example.com": peer,
        },
        "certificateAuthorities": {"ca-org1": {"url": "https://localhost:7054", "tlsCACerts": {"path": root}}},
    }


def test_hfc_s_own_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fixtures").mkdir()
    (tmp_path / "fixtures" / "tls.pem").write_bytes("# 한빛병원\n".encode() + ROOT)
    (tmp_path / "profiles").mkdir()
    path = tmp_path / "profiles" / "network.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(as_hfc_has_it("fixtures/tls.pem")).encode())
    with pytest.raises(ProfileError, match=r"is not there: tried .*profiles/fixtures/tls.pem and fixtures/tls.pem"):
        Profile.load(path)
    monkeypatch.chdir(tmp_path)
    profile = Profile.load(path)
    assert (profile.organization, profile.msp_id, profile.channels) == ("org1.example.com", "Org1MSP", ("medconsent",))
    assert (profile.peer.tls_root, profile.peer.server_name) == (ROOT, "peer0")
    assert Profile.load(path, "org2").msp_id == "Org2MSP"
    (tmp_path / "profiles" / "fixtures").mkdir()
    (tmp_path / "profiles" / "fixtures" / "tls.pem").write_bytes(ROOT * 2)
    assert Profile.load(path).peer.tls_root == ROOT * 2  # that of the profile comes first


@pytest.mark.parametrize("place", ["mspid", "url", "pem", "server"])
def test_a_template_without_a_value_is_told(document: dict[str, Any], place: str) -> None:
    peer = document["peers"]["peer0"]
    peer["tlsCACerts"] = {"pem": ROOT.decode()}
    {
        "mspid": lambda: document["organizations"]["Hanbit"].update(mspid="<no value>"),
        "url": lambda: peer.update(url="grpcs://<no value>:7051"),
        "pem": lambda: peer.update(tlsCACerts={"pem": "<no value>"}),
        "server": lambda: peer.update(grpcOptions={"hostnameOverride": "<no value>"}),
    }[place]()
    with pytest.raises(ProfileError, match="<no value>"):
        Profile.parse(document)


def test_a_channel_that_a_template_left_open_is_no_channel(tmp_path: Path, document: dict[str, Any]) -> None:
    (tmp_path / "tls.pem").write_bytes(ROOT)
    document["channels"] = {"<no value>": {}}
    with pytest.raises(ProfileError, match="channels is '<no value>'"):
        Profile.parse(document, base=tmp_path)


def test_a_default_holds_also_what_an_entry_does_not_say_within_its_members(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    (tmp_path / "tls.pem").write_bytes(ROOT)
    document["peers"]["_default"] = {"grpcOptions": {"hostnameOverride": "peer.hanbit.example"}}
    (name,) = [name for name in document["peers"] if name != "_default"]
    document["peers"][name]["grpcOptions"] = {"keep-alive-time": "0s"}
    assert Profile.parse(document, base=tmp_path).peer.server_name == "peer.hanbit.example"
    document["peers"][name]["grpcOptions"]["hostnameOverride"] = "own"
    assert Profile.parse(document, base=tmp_path).peer.server_name == "own"


@pytest.mark.parametrize("port", ["0", "65536", "99999", "x", "7051x", "-1"])
def test_a_port_that_there_cannot_be_is_told(tmp_path: Path, document: dict[str, Any], port: str) -> None:
    (tmp_path / "tls.pem").write_bytes(ROOT)
    for entry in document["peers"].values():
        entry["url"] = f"grpcs://localhost:{port}"
    with pytest.raises(ProfileError, match=r"no port from 1 to 65535|no address"):
        Profile.parse(document, base=tmp_path)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("grpcs://peer.example", "no port from 1 to 65535"),
        ("grpcs://[::1]", "no port from 1 to 65535"),
        ("http://localhost:7051", "begins with http://, and a peer's with grpcs://"),
        ("https://localhost:7051", "begins with https://"),
        ("grpcs://kim:secret@localhost:7051", "a user's name or a password in it"),
    ],
)
def test_an_address_that_no_peer_has_is_told(tmp_path: Path, document: dict[str, Any], url: str, says: str) -> None:
    (tmp_path / "tls.pem").write_bytes(ROOT)
    for entry in document["peers"].values():
        entry["url"] = url
    with pytest.raises(ProfileError, match=says) as caught:
        Profile.parse(document, base=tmp_path)
    assert "secret" not in str(caught.value)


def test_what_stands_twice_in_a_profile_is_told(tmp_path: Path) -> None:
    file = tmp_path / "profile.json"
    file.write_text('{"peers": {}, "client": {}, "peers": {"p": {}}}')
    with pytest.raises(ProfileError, match="'peers' stands there twice in one object"):
        Profile.load(file)


def test_an_error_quotes_nothing_of_a_profile(tmp_path: Path) -> None:
    file = tmp_path / "profile.yaml"
    file.write_text("registrar:\n  enrollSecret: hunter2\n\tx: hunter2\n")
    with pytest.raises(ProfileError, match=r"neither JSON nor YAML: .* in line 3$") as caught:
        Profile.load(file)
    assert "hunter2" not in str(caught.value)
    file.write_bytes("name: Größe\n".encode("latin-1"))
    with pytest.raises(ProfileError, match="line 1 is not UTF-8: save it as UTF-8"):
        Profile.load(file)


def test_keys_and_certificates_as_openssl_and_people_leave_them(
    tmp_path: Path, identity: Identity, signer: PrivateKeySigner, certify: Callable[..., bytes]
) -> None:
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    other = certify(PrivateKeySigner.generate(), "authority")
    for certificate, key in [
        (b"\xef\xbb\xbf" + identity.certificate_pem, parameters + signer.to_pem()),
        (
            other + "# 한빛\r\n".encode() + identity.certificate_pem.replace(b"\n", b"\r\n"),
            b"\xef\xbb\xbf" + signer.to_pem(),
        ),
        (identity.certificate_pem.decode().encode("utf-16"), signer.to_pem().decode().encode("utf-16")),
        (identity.certificate_pem.replace(b"\n", b"\r\r\n"), signer.to_pem().replace(b"\n", b"\n\n")),
        (identity.certificate_pem, PrivateKeySigner.generate().to_pem() + signer.to_pem()),
        (identity.certificate_pem, signer.to_pem() + PrivateKeySigner.generate().to_pem() + signer.to_pem()),
        (identity.certificate_pem, signer.to_pem() + as_openssl_writes(signer)),
    ]:
        (tmp_path / "cert.pem").write_bytes(certificate)
        (tmp_path / "key.pem").write_bytes(key)
        found, _ = load(tmp_path, "hanbit")
        assert found.certificate_pem == identity.certificate_pem  # as peers want it: nothing before the boundary
    (tmp_path / "cert.pem").write_bytes(other + other)
    with pytest.raises(IdentityError, match="none of the 2 certificates"):
        load(tmp_path, "hanbit")
    (tmp_path / "cert.pem").write_bytes(identity.certificate_pem)
    (tmp_path / "key.pem").write_bytes(PrivateKeySigner.generate().to_pem() + PrivateKeySigner.generate().to_pem())
    with pytest.raises(IdentityError, match="does not belong to the certificate"):
        load(tmp_path, "hanbit")
    with pytest.raises(IdentityError, match="has 2 private keys, and should have one"):
        PrivateKeySigner.from_pem((tmp_path / "key.pem").read_bytes())


def as_openssl_writes(signer: PrivateKeySigner) -> bytes:
    """The key in the form of SEC 1, in which `openssl ecparam -genkey` writes it."""
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    return signer.private_key.private_bytes(encoding, form, serialization.NoEncryption())


def test_a_former_key_in_a_keystore_does_not_matter(
    tmp_path: Path, identity: Identity, signer: PrivateKeySigner, certify: Callable[..., bytes]
) -> None:
    for folder in ("signcerts", "keystore"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ".DS_Store").write_bytes(b"mac")
    (tmp_path / "signcerts" / "cert.pem").write_bytes(identity.certificate_pem)
    (tmp_path / "keystore" / "1_sk").write_bytes(PrivateKeySigner.generate().to_pem())
    (tmp_path / "keystore" / "2_sk").write_bytes(signer.to_pem())
    assert load(tmp_path, "hanbit")[0] == identity
    second = PrivateKeySigner.generate()
    (tmp_path / "signcerts" / "other.pem").write_bytes(certify(second))
    (tmp_path / "keystore" / "3_sk").write_bytes(second.to_pem())
    with pytest.raises(WalletError, match="2 pairs of which fit"):
        load(tmp_path, "hanbit")
