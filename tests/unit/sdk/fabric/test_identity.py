import hashlib
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from medconsent.fabric import Hash, Identity, IdentityError, PrivateKeySigner, Proposal
from medconsent.fabric.identity import checked, low_s

P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def test_low_s_by_the_order_of_the_curve() -> None:
    half = P256 >> 1
    assert decode_dss_signature(low_s(encode_dss_signature(5, P256 - 3), P256)) == (5, 3)
    assert decode_dss_signature(low_s(encode_dss_signature(5, half + 1), P256)) == (5, half)
    unchanged = encode_dss_signature(5, half)
    assert low_s(unchanged, P256) is unchanged


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_ecdsa_signs_sha256_in_low_s(curve: Any) -> None:
    key = ec.generate_private_key(curve)
    half = 1 << (curve.key_size - 1)  # the order of either curve is a little less than 2 to its size
    for number in range(40):
        message = b"message %d" % number
        signature = PrivateKeySigner(key).sign(message)
        key.public_key().verify(signature, message, ec.ECDSA(hashes.SHA256()))
        assert decode_dss_signature(signature)[1] <= half


@pytest.mark.parametrize("chosen", [one for one in Hash if one is not Hash.NONE])
def test_another_hash_for_peers_that_verify_with_it(chosen: Hash, identity: Identity, certify: Any) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    signer = PrivateKeySigner.from_pem(PrivateKeySigner(key).to_pem(), hash=chosen)
    key.public_key().verify(signer.sign(b"message"), b"message", ec.ECDSA(chosen.algorithm))
    proposal = Proposal.create(identity, "c", "cc", "f")
    assert proposal.digest_by(chosen) == hashlib.new(chosen.value, proposal.message).digest()

    class Elsewhere:
        def sign(self, message: bytes) -> bytes:
            return signer.sign(message)

    own = Identity("hanbit", certify(signer))
    assert checked(own, Elsewhere()).sign(b"message"), "a key elsewhere may use it too"
    with pytest.raises(IdentityError, match="does not sign with the key"):
        checked(identity, Elsewhere()).sign(b"message")


def test_ed25519_signs_the_message_itself() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    for signer in (PrivateKeySigner(key), PrivateKeySigner(key, Hash.NONE)):
        key.public_key().verify(signer.sign(b"message"), b"message")
    assert Hash.NONE.digest(b"message") == b"message"
    with pytest.raises(IdentityError, match="SHA384"):
        PrivateKeySigner(key, Hash.SHA384)
    with pytest.raises(IdentityError, match="ECDSA signs a hash"):
        PrivateKeySigner(ec.generate_private_key(ec.SECP256R1()), Hash.NONE)


def test_keys_that_fabric_does_not_take_are_refused() -> None:
    with pytest.raises(IdentityError, match="secp521r1"):
        PrivateKeySigner(ec.generate_private_key(ec.SECP521R1()))
    pem = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(IdentityError, match="RSA"):
        PrivateKeySigner.from_pem(pem)
    with pytest.raises(IdentityError, match="cannot be read"):
        PrivateKeySigner.from_pem(b"not a key")


def test_a_key_is_never_shown(signer: PrivateKeySigner) -> None:
    assert repr(signer) == "<PrivateKeySigner>"


def test_pem_round_trip_and_match(signer: PrivateKeySigner, identity: Identity) -> None:
    PrivateKeySigner.from_pem(signer.to_pem()).require_match(identity)
    with pytest.raises(IdentityError, match="does not belong"):
        PrivateKeySigner.generate().require_match(identity)


def test_attributes_that_fabric_ca_wrote(signer: PrivateKeySigner, certify: Any) -> None:
    identity = Identity(
        "hanbit", certify(signer, "lee", '{"attrs":{"hf.EnrollmentID":"lee","medconsent.roles":"dac"}}')
    )
    assert identity.common_name == "lee"
    assert identity.attributes == {"hf.EnrollmentID": "lee", "medconsent.roles": "dac"}
    assert Identity("hanbit", certify(signer)).attributes == {}
    with pytest.raises(IdentityError, match="attribute extension"):
        _ = Identity("hanbit", certify(signer, "lee", "no json")).attributes


def test_an_unreadable_certificate() -> None:
    with pytest.raises(IdentityError, match="not PEM"):
        _ = Identity("hanbit", b"nothing").certificate


def test_an_existing_signature_is_kept(identity: Identity, signer: PrivateKeySigner) -> None:
    proposal = Proposal.create(identity, "c", "cc", "f")
    assert proposal.digest == sha256(proposal.message).digest()
    offline = proposal.with_signature(b"made elsewhere")
    assert offline.sign(signer) is offline
    assert Proposal.from_bytes(offline.to_bytes()) == offline
    assert Proposal.create(identity, "c", "cc", "f").transaction_id != proposal.transaction_id
