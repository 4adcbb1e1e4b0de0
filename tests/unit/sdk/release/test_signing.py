"""Requests: who signed them, and that they are what was signed."""

import base64
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from medconsent.errors import NotSigned
from medconsent.fabric.hsm.token import Token, _TokenKey
from medconsent.fabric.identity import PrivateKeySigner
from medconsent.release.signing import WINDOW, Request, Verifier, sign

KID = "a" * 64
ASKED = Request("POST", "/release/v1/receipts?x=1", "hanbit", "bytes=0-9")
BODY = b'{"grant": "1"}'

_HELD = ec.generate_private_key(ec.SECP256R1())


class _Held(Token):
    """A token that has one key, which it does not give away."""

    def __init__(self) -> None:
        self.label = "held"

    def sign(self, _key: object, digest: bytes) -> bytes:
        return _HELD.sign(digest, ec.ECDSA(Prehashed(SHA256())))


KEYS: dict[str, Callable[[], PrivateKeySigner]] = {
    "P-256": PrivateKeySigner.generate,
    "P-384": lambda: PrivateKeySigner(ec.generate_private_key(ec.SECP384R1())),
    "Ed25519": lambda: PrivateKeySigner(ed25519.Ed25519PrivateKey.generate()),
    "token": lambda: PrivateKeySigner(_TokenKey(_Held(), None, _HELD.public_key())),
}


@pytest.fixture(params=KEYS)
def signer(request: pytest.FixtureRequest) -> PrivateKeySigner:
    return KEYS[request.param]()


def verifier(signer: PrivateKeySigner, later: float = 0.0) -> Verifier:
    public = signer.private_key.public_key()

    def key(person: str, kid: str) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | None:
        return public if (person, kid) == ("nuri/kim", KID) else None

    return Verifier("hanbit", key, clock=lambda: time.time() + later)


def signed(signer: PrivateKeySigner, body: bytes = BODY, person: str = "nuri/kim", kid: str = KID) -> str:
    return sign(ASKED, body, person=person, kid=kid, signer=signer)


def verify(by: Verifier, signature: str, asked: Request = ASKED, body: bytes = BODY) -> str:
    return by.verify(signature, asked.method, asked.target, asked.range, body)


def test_who_signed_is_told(signer: PrivateKeySigner) -> None:
    assert verify(verifier(signer), signed(signer)) == "nuri/kim"


def test_a_long_target_and_a_long_body_are_signed_too(signer: PrivateKeySigner) -> None:
    asked = Request("POST", "/release/v1/receipts/" + "a" * 1000, "hanbit")
    body = b"x" * 1_000_000
    assert verify(verifier(signer), sign(asked, body, person="nuri/kim", kid=KID, signer=signer), asked, body)


def test_a_request_that_comes_many_times_at_once_is_taken_once(signer: PrivateKeySigner) -> None:
    class Slow(dict[str, float]):
        def __contains__(self, key: object) -> bool:
            found = super().__contains__(key)
            time.sleep(0.005)
            return found

    by, signature = verifier(signer), signed(signer)
    by._seen = Slow()

    def taken(_number: int) -> bool:
        try:
            return verify(by, signature) == "nuri/kim"
        except NotSigned:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(taken, range(32))) == 1


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        (Request("GET", ASKED.target, "hanbit", ASKED.range), BODY),
        (Request("POST", "/release/v1/receipts?x=2", "hanbit", ASKED.range), BODY),
        (Request("POST", ASKED.target, "hanbit", "bytes=0-99"), BODY),
        (ASKED, b'{"grant": "2"}'),
        (ASKED, b""),
    ],
)
def test_another_request_than_was_signed_is_refused(signer: PrivateKeySigner, asked: Request, body: bytes) -> None:
    with pytest.raises(NotSigned):
        verify(verifier(signer), signed(signer), asked, body)


def test_what_was_signed_for_another_institution_is_refused(signer: PrivateKeySigner) -> None:
    elsewhere = sign(
        Request("POST", ASKED.target, "saerom", ASKED.range), BODY, person="nuri/kim", kid=KID, signer=signer
    )
    with pytest.raises(NotSigned, match="another request"):
        verify(verifier(signer), elsewhere)


def test_a_request_is_taken_once(signer: PrivateKeySigner) -> None:
    by, signature = verifier(signer), signed(signer)
    verify(by, signature)
    with pytest.raises(NotSigned, match="came before"):
        verify(by, signature)


@pytest.mark.parametrize("later", [WINDOW + 5, -WINDOW - 5])
def test_an_old_one_and_one_from_later_are_refused(signer: PrivateKeySigner, later: float) -> None:
    with pytest.raises(NotSigned, match="clocks"):
        verify(verifier(signer, later), signed(signer))


def test_nobody_signs_for_another(signer: PrivateKeySigner) -> None:
    for odd in (signed(signer, person="nuri/lee"), signed(signer, kid="b" * 64), signed(PrivateKeySigner.generate())):
        with pytest.raises(NotSigned):
            verify(verifier(signer), odd)


@pytest.mark.parametrize("odd", ["", "x", "..", "a.b.c", "e30..e30", "x" * 5000, "W10..", "\x00..", "e30.e30.e30"])
def test_what_is_no_signature_is_refused(odd: str) -> None:
    with pytest.raises(NotSigned):
        verify(verifier(PrivateKeySigner.generate()), odd)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "ES512"])
def test_the_algorithm_is_the_keys_and_not_the_callers(algorithm: str) -> None:
    signer = PrivateKeySigner.generate()
    first, _payload, last = signed(signer).split(".")
    header = json.loads(base64.urlsafe_b64decode(first + "=="))
    header["alg"] = algorithm
    first = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    for signature in (f"{first}..{last}", f"{first}.."):
        with pytest.raises(NotSigned):
            verify(verifier(signer), signature)
