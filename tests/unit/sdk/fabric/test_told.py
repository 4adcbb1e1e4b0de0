"""What an error says, and that it says the same after it went through a process pool."""

import pickle
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

import medconsent.errors as nouns
from medconsent.fabric import (
    AsyncGateway,
    BlocksError,
    CommitError,
    CommitStatusError,
    EndorseError,
    EvaluateError,
    FabricError,
    Gateway,
    Identity,
    IdentityError,
    PrivateKeySigner,
    SubmitError,
    Timeouts,
)
from medconsent.fabric._rpc import failure
from medconsent.fabric.ca import CAClient
from medconsent.fabric.errors import CAError, CertificateEnded, ClosedError, GatewayError, in_flight, note_in_flight
from medconsent.fabric.flow import EndorserDetail, RpcFailure
from medconsent.fabric.hfc import NotHere
from medconsent.fabric.identity import checked

WORD = EndorserDetail("peer:1", "nuri", "chaincode response 500, no")


def kinds(base: type) -> list[type]:
    """A class and everything that descends from it in its own package."""
    found = [base]
    for one in base.__subclasses__():
        found += kinds(one)
    return [one for one in dict.fromkeys(found) if one.__module__.startswith("medconsent")]


def made(kind: type) -> BaseException:  # noqa: PLR0911 - one line a kind
    """One of them, with everything that such an error can carry."""
    if issubclass(kind, ClosedError):
        return kind()
    if issubclass(kind, CommitError):
        return kind("MVCC_READ_CONFLICT", transaction_id="ab", block_number=3)
    if issubclass(kind, BlocksError):
        return kind("no", delivery="FORBIDDEN")
    if issubclass(kind, GatewayError):
        return kind("no", transaction_id="ab", status=grpc.StatusCode.ABORTED, details=[WORD], seconds=1.5)
    if issubclass(kind, NotHere):
        return kind("chaincode_install", "another program does it")
    if issubclass(kind, CAError):
        return kind("no", status=401, code=20, untrusted=True)
    if issubclass(kind, nouns.StillWaiting):
        return kind("12" * 32, ["a seat"], "ab")
    if issubclass(kind, nouns.Invalidated):
        return kind("no", validation_code="MVCC_READ_CONFLICT", transaction_id="ab")
    if issubclass(kind, nouns.OutcomeUnknown):
        return kind("no", transaction_id="ab", words=[nouns.EndorserWord("nuri", "peer:1", "no")])
    return kind("no")


@pytest.mark.parametrize(
    "kind", [*kinds(FabricError), *kinds(nouns.MedconsentError), RpcFailure], ids=lambda k: k.__name__
)
def test_every_error_survives_pickling(kind: type) -> None:
    error = RpcFailure(grpc.StatusCode.ABORTED, "no", (WORD,)) if kind is RpcFailure else made(kind)
    note_in_flight(error, "cd")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (type(again), str(again), vars(again), again.args) == (kind, str(error), vars(error), error.args)
    assert in_flight(again) == "cd"


def fail() -> None:
    raise CommitError("MVCC_READ_CONFLICT", transaction_id="ab", block_number=3)


def test_a_worker_process_hands_an_error_on(monkeypatch: pytest.MonkeyPatch) -> None:
    # The other process imports this module by its name, which begins at the root of the checkout.
    monkeypatch.syspath_prepend(str(Path(__file__).parents[4]))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool, pytest.raises(CommitError) as caught:
        pool.submit(fail).result(timeout=60)
    assert (caught.value.code, caught.value.block_number) == ("MVCC_READ_CONFLICT", 3)


def test_the_text_has_phase_seconds_words_and_advice() -> None:
    said = str(
        EndorseError("refused", transaction_id="ab", status=grpc.StatusCode.ABORTED, details=[WORD], seconds=1.54)
    )
    assert "the endorsement failed after 1.5 s (ABORTED): refused" in said
    assert "nuri at peer:1: chaincode response 500, no" in said
    assert "Transaction ab." in said
    assert "it may be tried again" in said


def test_the_traceback_has_the_cause(peer: Any, identity: Identity, signer: PrivateKeySigner) -> None:
    peer.answers["Evaluate"] = peer.refusal(grpc.StatusCode.ABORTED, "no")
    with (
        Gateway(peer.endpoint, identity, signer, tls_root=None) as gateway,
        pytest.raises(EvaluateError) as caught,
    ):
        gateway.channel("c").contract("basic").evaluate("Read")
    cause = caught.value.__cause__
    assert isinstance(cause, RpcFailure)
    assert isinstance(cause.__cause__, grpc.RpcError)
    assert "RpcFailure" in "".join(traceback.format_exception(caught.value))
    assert caught.value.seconds is not None


def test_what_was_not_answered_in_time_says_so(peer: Any, vectors: Any, identity: Identity, signer: Any) -> None:
    peer.answers = {
        "Endorse": vectors.messages["endorse_response"],
        "Submit": b"",
        "CommitStatus": lambda _: time.sleep(1) or b"",
    }
    limits = Timeouts(commit_status=0.3)
    with (
        Gateway(peer.endpoint, identity, signer, tls_root=None, timeouts=limits) as gateway,
        pytest.raises(CommitStatusError, match=r"no answer to commit status in 0\.3 s") as caught,
    ):
        gateway.channel("c").contract("basic").submit("Write")
    assert caught.value.status is grpc.StatusCode.DEADLINE_EXCEEDED


class Removed(grpc.RpcError):
    """What grpcio raises when a stream ends without a word."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return "Stream removed"

    def trailing_metadata(self) -> tuple[Any, ...]:
        return ()


def test_a_stream_that_was_removed_is_told_by_its_time() -> None:
    late = failure(Removed(), "/gateway.Gateway/CommitStatus", 60, 59.99)
    assert (late.status, late.message) == (grpc.StatusCode.DEADLINE_EXCEEDED, "no answer to commit status in 60 s")
    early = failure(Removed(), "/gateway.Gateway/Endorse", 30, 2.0)
    assert early.message == "the connection broke off after 2 s without an answer to endorse"
    assert early.unreached
    assert SubmitError(early.message, status=early.status).outcome == "unknown"


@pytest.mark.parametrize(
    ("status", "message", "outcome"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, "access denied", "not-committed"),
        (grpc.StatusCode.INVALID_ARGUMENT, "prepared transaction must be signed", "not-committed"),
        (grpc.StatusCode.UNIMPLEMENTED, "unknown service gateway.Gateway", "not-committed"),
        (
            grpc.StatusCode.ABORTED,
            "received unsuccessful response from orderer: status=BAD_REQUEST, info=empty",
            "not-committed",
        ),
        (
            grpc.StatusCode.ABORTED,
            "received unsuccessful response from orderer: status=FORBIDDEN, info=implicit policy",
            "not-committed",
        ),
        (
            grpc.StatusCode.UNKNOWN,
            "too many requests for /gateway.Gateway, exceeding concurrency limit (500)",
            "not-committed",
        ),
        (
            grpc.StatusCode.UNAVAILABLE,
            "failed to connect to all addresses; last error: UNKNOWN: connection refused",
            "not-committed",
        ),
        (grpc.StatusCode.UNAVAILABLE, "no orderers could successfully process transaction", "unknown"),
        (grpc.StatusCode.UNAVAILABLE, "Socket closed", "unknown"),
        (
            grpc.StatusCode.ABORTED,
            "received unsuccessful response from orderer: status=INTERNAL_SERVER_ERROR, info=",
            "unknown",
        ),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "no answer to submit in 25 s", "unknown"),
        (grpc.StatusCode.CANCELLED, "", "unknown"),
        (grpc.StatusCode.UNKNOWN, "it said: too many requests for /gateway.Gateway", "unknown"),
    ],
)
def test_only_what_may_have_been_ordered_is_unknown(status: grpc.StatusCode, message: str, outcome: str) -> None:
    error = SubmitError(message, status=status)
    assert error.outcome == outcome
    assert ("was not ordered" in str(error)) == (outcome == "not-committed")


def test_the_word_of_an_orderer_leaves_it_unknown() -> None:
    assert SubmitError("", status=grpc.StatusCode.PERMISSION_DENIED, details=[WORD]).outcome == "unknown"


def test_the_status_of_a_delivery_is_a_status() -> None:
    assert BlocksError("no", delivery="FORBIDDEN").status is grpc.StatusCode.PERMISSION_DENIED
    assert BlocksError("no", delivery="BAD_REQUEST").status is grpc.StatusCode.INVALID_ARGUMENT
    assert BlocksError("no", delivery="NOT_FOUND").status is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("error validating proposal: creator is malformed", "must be PEM"),
        ("unknown service gateway.Gateway", "no Gateway peer"),
        ("access denied: channel [c] creator org unknown, creator is malformed", "no such organization"),
        ("proposal creator identity expired", "enrol again"),
    ],
)
def test_what_to_do_about_a_peers_sentence(said: str, hint: str) -> None:
    assert hint in str(EvaluateError(said, status=grpc.StatusCode.UNKNOWN))
    word = EndorserDetail("peer:1", "nuri", said)
    assert hint in str(EndorseError("failed", status=grpc.StatusCode.ABORTED, details=[word]))


class Elsewhere:
    """A key that is not in memory."""

    def __init__(self, signer: PrivateKeySigner) -> None:
        self.signer = signer

    def sign(self, message: bytes) -> bytes:
        return self.signer.sign(message)


@pytest.mark.parametrize("kind", [Gateway, AsyncGateway])
def test_identity_and_key_are_checked_before_anything_is_sent(
    kind: Any, identity: Identity, signer: PrivateKeySigner
) -> None:
    def opened(who: Identity, key: Any, **options: Any) -> Any:
        return kind("127.0.0.1:1", who, key, **{"tls_root": None, **options})

    with pytest.raises(IdentityError, match="does not belong"):
        opened(identity, PrivateKeySigner.generate())
    for garbage in (b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n"):
        with pytest.raises(IdentityError, match="not PEM"):
            opened(Identity("hanbit", garbage), signer)
        with pytest.raises(IdentityError, match="TLS root"):
            opened(identity, signer, tls_root=garbage)
    with pytest.raises(IdentityError, match="MSP id"):
        opened(Identity("", identity.certificate_pem), signer)
    with pytest.raises(IdentityError, match="`sign`"):
        opened(identity, object())
    assert opened(identity, PrivateKeySigner.generate(), check=False).identity is identity


def test_a_certificate_outside_its_time(identity: Identity, signer: PrivateKeySigner) -> None:
    with pytest.raises(IdentityError, match="has ended at"):
        checked(identity, signer, now=datetime.now(UTC) + timedelta(days=2))
    with pytest.raises(IdentityError, match="counts from"):
        checked(identity, signer, now=datetime.now(UTC) - timedelta(days=2))
    assert checked(identity, signer).sign(b"message")


@pytest.fixture
def minute(signer: PrivateKeySigner) -> Any:
    """An identity whose certificate ends in a moment, and how to let that moment pass."""
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=60)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kim")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    made = made.public_key(signer.private_key.public_key())
    made = made.not_valid_before(ends - timedelta(days=1)).not_valid_after(ends)
    pem = made.sign(signer.private_key, hashes.SHA256()).public_bytes(Encoding.PEM)
    return Identity("hanbit", pem)


def test_a_certificate_that_ends_while_the_client_runs(
    peer: Any, vectors: Any, minute: Identity, signer: PrivateKeySigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer.answers = {"Endorse": vectors.messages["endorse_response"], "Submit": b"", "CommitStatus": b""}
    with Gateway(peer.endpoint, minute, signer, tls_root=None) as gateway:
        channel = gateway.channel("c")
        contract = channel.contract("basic")
        transaction = contract.endorse("Write")
        commit = contract.send(transaction)
        asked = len(peer.requests)
        monkeypatch.setattr("medconsent.fabric.identity.time.time", minute.expires.timestamp)
        calls: list[tuple[type, Any]] = [
            (EvaluateError, lambda: contract.evaluate("Read")),
            (EndorseError, lambda: contract.endorse("Write")),
            (SubmitError, lambda: contract.send(transaction)),
            (EndorseError, lambda: contract.submit("Write")),
            (BlocksError, channel.blocks),
            (CommitStatusError, lambda: contract.commit_status(commit)),
        ]
        for kind, call in calls:
            with pytest.raises(kind, match=r"has ended at .*enrol again") as caught:
                call()
            assert isinstance(caught.value.__cause__, CertificateEnded)
            assert caught.value.outcome == ("not-told" if kind is CommitStatusError else "not-committed")
        assert len(peer.requests) == asked
        assert contract.commit_status(commit.sign(signer)).code == "VALID"  # what somebody signed is theirs


@pytest.mark.parametrize(
    "status", [grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.DEADLINE_EXCEEDED]
)
def test_a_refused_question_is_not_an_unknown_outcome(
    status: grpc.StatusCode, peer: Any, vectors: Any, identity: Identity, signer: PrivateKeySigner
) -> None:
    peer.answers = {
        "Endorse": vectors.messages["endorse_response"],
        "Submit": b"",
        "CommitStatus": peer.refusal(status, "access denied"),
    }
    with Gateway(peer.endpoint, identity, signer, tls_root=None) as gateway, pytest.raises(CommitStatusError) as caught:
        gateway.channel("c").contract("basic").submit("Write", timeout=2.0)
    late = status is grpc.StatusCode.DEADLINE_EXCEEDED
    assert caught.value.outcome == ("unknown" if late else "not-told")
    assert ("let somebody ask" in str(caught.value)) is not late


@pytest.mark.parametrize("ours", [True, False])
def test_a_key_elsewhere_is_checked_with_its_first_signature(
    ours: bool, peer: Any, vectors: Any, identity: Identity, signer: PrivateKeySigner
) -> None:
    peer.answers = {"Endorse": vectors.messages["endorse_response"]}
    key = Elsewhere(signer if ours else PrivateKeySigner.generate())
    with Gateway(peer.endpoint, identity, key, tls_root=None) as gateway:
        contract = gateway.channel("c").contract("basic")
        if ours:
            assert contract.endorse("Write").result == b"result"
        else:
            with pytest.raises(IdentityError, match="does not sign with the key"):
                contract.endorse("Write")
    assert peer.called("Endorse") == (1 if ours else 0)


def test_a_ca_without_a_root_is_refused() -> None:
    with pytest.raises(CAError, match="no certificate"):
        CAClient("https://127.0.0.1:1", tls_root=b"")
