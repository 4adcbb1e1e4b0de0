"""The file with a delivery key."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from medconsent.documents.delivery_keys import read_delivery_key
from medconsent.errors import DocumentError

PRIVATE = x25519.X25519PrivateKey.from_private_bytes(bytes(range(32)))
RAW = PRIVATE.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def crypt4gh(raw: bytes) -> bytes:
    body = base64.b64encode(raw).decode()
    return f"-----BEGIN CRYPT4GH PUBLIC KEY-----\n{body}\n-----END CRYPT4GH PUBLIC KEY-----\n".encode()


@pytest.mark.parametrize("data", [crypt4gh(RAW), crypt4gh(RAW).replace(b"\n", b"\r\n"), b"\n" + crypt4gh(RAW), PEM])
def test_both_ways_of_writing_it_give_the_same_key(data):
    assert read_delivery_key(data) == RAW


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"key",
        b"\xff\xfe",
        crypt4gh(RAW[:31]),
        crypt4gh(RAW + b"x"),
        crypt4gh(RAW).replace(b"=", b"*"),
        PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    ],
)
def test_what_is_none_is_refused_and_never_quoted(data):
    with pytest.raises(DocumentError, match=r"kim\.pub is no public X25519 key") as told:
        read_delivery_key(data, "kim.pub")
    secret = data.strip().splitlines()[1:2]
    assert not secret or secret[0].decode("latin-1") not in str(told.value)
