"""Keys in a token: a real SoftHSM, a real Fabric CA, a real network; and the six scenarios with an HSM."""

import copy
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import softhsm
from asking import Asker
from bench.clients import Caller
from bench.world import World
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from scenario_network import EVERYBODY, ORG1, ORG2, ORG3
from styles import Style

from medconsent.fabric import Gateway, Identity, PrivateKeySigner
from medconsent.fabric.errors import IdentityError
from medconsent.fabric.hsm import Token

Enrolled = tuple[Identity, PrivateKeySigner]


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SoftHSM's library, with one token in it."""
    return softhsm.make_token(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture(scope="session")
def token(library: Path) -> Iterator[Token]:
    """The token, logged in to."""
    with Token(library, softhsm.LABEL, softhsm.PIN) as opened:
        yield opened


@pytest.fixture(scope="session")
def enrolled(scenarios: World, token: Token) -> Enrolled:
    """Somebody of the first organization whose key was made in the token, enrolled with its CA."""
    secret = scenarios.consortium.register(ORG1, "hsm-user")
    with scenarios.consortium.ca(ORG1) as ca:
        issued = ca.enroll("hsm-user", secret, key=token.generate(label="hsm-user", key_id=b"\x01\x02"))
    with pytest.raises(IdentityError, match="does not leave it"):
        assert issued.private_key_pem
    return issued.identity(ORG1), issued.signer


@pytest.fixture
def asker(scenarios: World, style: Style, enrolled: Enrolled, tmp_path: Path) -> Iterator[Asker]:
    """They ask `private`."""
    certificate = tmp_path / "cert.pem"
    certificate.write_bytes(enrolled[0].certificate_pem)
    home = scenarios.consortium.home(ORG1)
    caller = Caller(
        endpoint=home.institution.address("peer"),
        server_name="",
        tls_root=home.tls_root,
        msp=ORG1,
        certificate=certificate,
        key=Path("in-the-token"),
        channel=scenarios.consortium.spec.channel,
        chaincode="private",
    )
    made = Asker(style, caller, "private", enrolled[1])
    yield made
    made.close()


# Specify endorsing organizations using HSM managed identities


@pytest.mark.parametrize("organization", EVERYBODY, ids=["org1", "org2", "org3"])
def test_submit_to(asker: Asker, organization: str) -> None:
    assert asker.submit("getPeerOrg", orgs=[organization]).result.decode() == organization


def test_submit_to_org1_and_org3(asker: Asker) -> None:
    transient = {ORG1: "value1", ORG3: "value2"}
    assert asker.submit("checkEndorsingOrg", orgs=[ORG1, ORG3], transient=transient).result == b"success"


@pytest.mark.parametrize("organization", [ORG1, ORG2], ids=["org1", "org2"])
def test_evaluate_on(asker: Asker, organization: str) -> None:
    assert asker.evaluate("getPeerOrg", orgs=[organization]) == organization


# The token itself


def test_a_renewed_certificate_keeps_the_key(scenarios: World, token: Token, enrolled: Enrolled) -> None:
    class Holder:
        certificate_pem, signer = enrolled[0].certificate_pem, enrolled[1]

    with scenarios.consortium.ca(ORG1) as ca:
        renewed = ca.reenroll(Holder(), key=enrolled[1])
    assert renewed.certificate_pem != enrolled[0].certificate_pem
    again = token.signer(key_id=b"\x01\x02")
    assert again.matches(renewed.identity(ORG1))
    # The client checks that key and certificate fit before anything is sent.
    endpoint = scenarios.consortium.home(ORG1).institution.address("peer")
    Gateway(
        endpoint, renewed.identity(ORG1), again, tls_root=scenarios.consortium.home(ORG1).tls_root.read_bytes()
    ).close()


def test_a_key_is_found_by_label_by_id_and_by_both(token: Token, enrolled: Enrolled) -> None:
    message = b"signed in the token"
    public = enrolled[0].certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    for named in ({"label": "hsm-user"}, {"key_id": b"\x01\x02"}, {"label": "hsm-user", "key_id": b"\x01\x02"}):
        signer = token.signer(**named)  # type: ignore[arg-type]
        public.verify(signer.sign(message), message, ec.ECDSA(hashes.SHA256()))
        assert copy.deepcopy(signer.private_key) is signer.private_key


def test_signatures_are_low_s_and_from_any_thread(token: Token, enrolled: Enrolled) -> None:
    signer, public = enrolled[1], enrolled[0].certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    found: list[tuple[bytes, bytes]] = []

    def work(number: int) -> None:
        for each in range(20):
            message = f"{number} {each}".encode()
            found.append((message, signer.sign(message)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 * 20
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    for message, signature in found:
        public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        assert utils.decode_dss_signature(signature)[1] <= order // 2


def test_a_digest_is_signed_as_it_is(token: Token, enrolled: Enrolled) -> None:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(b"message")
    key = enrolled[1].private_key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    signature = key.sign(digest.finalize(), ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    key.public_key().verify(signature, b"message", ec.ECDSA(hashes.SHA256()))


REFUSALS: dict[str, tuple[Callable[[Token], object], str]] = {
    "no-name": (lambda token: token.signer(), "name the key"),
    "no-such-key": (lambda token: token.signer(label="nobody"), "has 0 private keys with label 'nobody'"),
    "label-of-another-id": (lambda token: token.signer(label="hsm-user", key_id=b"\x09"), "has 0 private keys"),
    "label-that-is-taken": (lambda token: token.generate(label="hsm-user"), "has a key 'hsm-user'"),
}


@pytest.mark.parametrize("name", list(REFUSALS))
def test_what_is_refused(token: Token, enrolled: Enrolled, name: str) -> None:
    call, said = REFUSALS[name]
    with pytest.raises(IdentityError, match=said):
        call(token)


def test_the_key_cannot_be_had(enrolled: Enrolled) -> None:
    key = enrolled[1].private_key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    for attempt in (
        enrolled[1].to_pem,
        key.private_numbers,
        lambda: key.exchange(ec.ECDH(), key.public_key()),
        lambda: key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    ):
        with pytest.raises(IdentityError, match="does not leave it"):
            attempt()


def test_a_token_that_cannot_be_opened(library: Path, tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match="'nothing' cannot be opened"):
        Token(library, "nothing", softhsm.PIN)
    with pytest.raises(IdentityError, match="cannot be opened") as caught:
        Token(tmp_path / "no.so", softhsm.LABEL, "a-secret-pin")
    assert "a-secret-pin" not in str(caught.value)


def test_a_closed_token_signs_no_more(library: Path, token: Token, enrolled: Enrolled) -> None:
    """In a process of its own: one login is for all sessions of a process."""
    del token, enrolled
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    program = (
        "import sys\n"
        "from medconsent.fabric.errors import IdentityError\n"
        "from medconsent.fabric.hsm import Token\n"
        "library, label, pin = sys.argv[1:]\n"
        "try:\n"
        "    Token(library, label, 'wrong')\n"
        "except IdentityError as error:\n"
        "    print('PinIncorrect' in str(error), 'wrong' in str(error))\n"
        "token = Token(library, label, pin)\n"
        "signer = token.signer(label='hsm-user')\n"
        "signer.sign(b'message')\n"
        "token.close()\n"
        "try:\n"
        "    signer.sign(b'message')\n"
        "except IdentityError as error:\n"
        "    print('does not sign' in str(error))\n"
    )
    command = [sys.executable, "-c", program, str(library), softhsm.LABEL, softhsm.PIN]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["True", "False", "True"], "")
