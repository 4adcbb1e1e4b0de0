"""What went wrong, in which phase, and whether anything was committed.

A transaction passes four phases, and what a failure means depends on the phase:

=====================  ========================================  ==================
error                  phase                                     `outcome`
=====================  ========================================  ==================
`EvaluateError`        a query                                   not-committed
`EndorseError`         collecting endorsements                   not-committed
`SubmitError`          handing over to the ordering service      unknown
`CommitStatusError`    waiting for the commit                    unknown, not-told
`CommitError`          committed as invalid: it changed nothing  committed-invalid
=====================  ========================================  ==================

With outcome `unknown` the transaction may or may not be on the ledger, now or soon: ask for its status by its
transaction id, and never send it again before that. With `not-told` it was accepted for ordering all the same, and the
peer refuses to tell this identity what became of it: asking again in its name does not help.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import grpc

from .flow import EndorserDetail, RpcFailure

Outcome = Literal["not-committed", "committed-invalid", "unknown", "not-told"]

_CHAINCODE_RESPONSE = "chaincode response "

# What a peer's sentence means, and what to do: core/endorser, msp and internal/pkg/gateway of Fabric 2.5 and 3.1, and
# gRPC's own words for a server that does not know the service.
_HINTS = {
    "creator is malformed": "The peer cannot read the identity: its certificate must be PEM, X.509, and of its MSP.",
    "creator org unknown": "The channel has no such organization: is the MSP id spelt as in its configuration?",
    "access denied": "The peer does not take the identity: its certificate may have ended, be revoked, or be another"
    " CA's.",
    "identity expired": "The certificate has ended: enrol again.",
    "unknown service": "Who answers is no Gateway peer of Fabric 2.4 or newer: an orderer, a CA or another program may"
    " listen at this address, or the peer has peer.gateway.enabled=false.",
    "too many requests": "The peer has as many requests as it takes at once (peer.limits.concurrency): ask less at a"
    " time, or later.",
}

# An orderer's answers after which the Gateway asks no other one: the transaction is not ordered.
_ORDERER_REFUSED = "received unsuccessful response from orderer: status="
_REFUSED_AS = ("BAD_REQUEST", "FORBIDDEN", "REQUEST_ENTITY_TOO_LARGE")

# Statuses with which the Gateway, or what stands before it, refuses a transaction without passing it on.
_REFUSING = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)


def _rebuilt(kind: type[BaseException], arguments: tuple[Any, ...], state: Mapping[str, Any]) -> BaseException:
    """An exception as it was, without asking its `__init__`, which may want other arguments."""
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(state)
    return error


class FabricError(Exception):
    """Base of everything that this package raises on purpose. It can be pickled, and is the same afterwards."""

    def __reduce__(self) -> Any:
        return _rebuilt, (type(self), self.args, dict(self.__dict__))

    def diagnostics(self) -> str:
        """What happened and what to do, for people."""
        return str(self)


class ClosedError(FabricError, ValueError):
    """The client was closed: before it was asked, or while it waited for an answer; blocking or awaited.

    `in_flight` tells which transaction was being sent then, if one was.
    """

    def __init__(self) -> None:
        super().__init__("the client is closed: ask inside its `with` statement, or before `close()`")


class IdentityError(FabricError):
    """A certificate or private key that cannot be used."""


class CertificateEnded(IdentityError):  # noqa: N818
    """The identity's certificate has ended: nothing was sent."""


class WalletError(FabricError):
    """An identity on disk that is missing, incomplete or not readable."""


class ProfileError(FabricError):
    """A connection profile that does not say what is needed."""


class CAError(FabricError):
    """Fabric CA refused a request, or was not reached (`status` 0).

    `status` is the HTTP status, `code` Fabric CA's own number (0 when it gave none), `message` its sentence;
    `untrusted` is whether somebody answered whom the TLS root does not vouch for.
    """

    def __init__(self, message: str, *, status: int = 0, code: int = 0, untrusted: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.untrusted = untrusted

    def diagnostics(self) -> str:
        """See `FabricError.diagnostics`."""
        if not self.status:
            return f"{self.message}\nIs the CA running, and are its address and TLS root right?"
        return f"The CA refused (HTTP {self.status}, code {self.code}): {self.message}"


class GatewayError(FabricError):
    """A call to a Gateway peer failed; its text is `diagnostics()`.

    Attributes:
        message: What the peer said, or gRPC.
        transaction_id: The transaction, empty when there is none.
        status: The gRPC status.
        details: What each peer or orderer said.
        seconds: How long the call took; None when that was not measured.
    """

    outcome: Outcome = "not-committed"
    phase: ClassVar[str] = "the call"
    advice: str = "Nothing was committed."

    def __init__(
        self,
        message: str,
        *,
        transaction_id: str = "",
        status: grpc.StatusCode = grpc.StatusCode.UNKNOWN,
        details: Sequence[EndorserDetail] = (),
        seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.transaction_id = transaction_id
        self.status = status
        self.details = list(details)
        self.seconds = seconds

    def __str__(self) -> str:
        return self.diagnostics()

    @property
    def unreachable(self) -> bool:
        """Whether the Gateway peer itself was not reached; see `RpcFailure.unreached`."""
        return RpcFailure(self.status, self.message, tuple(self.details)).unreached

    def chaincode_message(self) -> str:
        """What the chaincode itself answered (the text after `chaincode response 500,`).

        Empty when it did not get that far.
        """
        for text in (*(detail.message for detail in self.details), self.message):
            _, found, tail = text.partition(_CHAINCODE_RESPONSE)
            status, comma, answer = tail.partition(", ")
            if found and comma and status.isdigit():
                return answer
        return ""

    def diagnostics(self) -> str:
        """See `FabricError.diagnostics`."""
        status = "" if self.status is grpc.StatusCode.OK else f" ({self.status.name})"
        after = "" if self.seconds is None else f" after {self.seconds:.1f} s"
        lines = [f"{self.phase} failed{after}{status}: {self.message}"]
        lines += [f"  {detail.msp_id} at {detail.address}: {detail.message}" for detail in self.details]
        if self.transaction_id:
            lines.append(f"Transaction {self.transaction_id}.")
        if self.unreachable:
            lines.append("The Gateway peer was not reached: is it running, and are address and TLS root right?")
        said = "\n".join((self.message, *(detail.message for detail in self.details)))
        lines += [hint for sentence, hint in _HINTS.items() if sentence in said]
        lines.append(self.advice)
        return "\n".join(lines)


class EvaluateError(GatewayError):
    """A query was refused or not answered. It never changes anything."""

    phase = "the query"
    advice = "A query changes nothing: it may be repeated."


class BlockTimeoutError(EvaluateError):
    """A block was waited for, and has not come to the peer in time; the peer answers."""

    phase = "the wait for a block"
    advice = "Wait again, or longer, if the ledger has such a block."


class EndorseError(GatewayError):
    """The transaction was not endorsed, so it was not sent to the ordering service: nothing was committed."""

    phase = "the endorsement"
    advice = "Nothing was committed: it may be tried again."


class SubmitError(GatewayError):
    """The endorsed transaction was handed over and no acceptance came back: it may have been ordered all the same.

    `outcome` is `not-committed` where the answer itself says that it was not passed on: it was refused, or the Gateway
    had too much to do or was not reached.
    """

    outcome: Outcome = "unknown"
    phase = "the handing over to the ordering service"
    advice = "It is not known whether the transaction was ordered: ask for its status before anything is sent again."

    def __init__(
        self,
        message: str,
        *,
        transaction_id: str = "",
        status: grpc.StatusCode = grpc.StatusCode.UNKNOWN,
        details: Sequence[EndorserDetail] = (),
        seconds: float | None = None,
    ) -> None:
        super().__init__(message, transaction_id=transaction_id, status=status, details=details, seconds=seconds)
        if _not_passed_on(RpcFailure(status, message, tuple(details))):
            self.outcome = "not-committed"
            self.advice = "The transaction was not ordered, and nothing was committed."


class CommitStatusError(GatewayError):
    """The ordering service accepted the transaction, and what became of it was not learnt in time.

    `outcome` is `not-told` where the question was refused: the transaction may be committed, and the peer tells others.
    """

    outcome: Outcome = "unknown"
    phase = "the wait for the commit"
    advice = "It was accepted for ordering and may yet be committed: ask for its status before anything is sent again."

    def __init__(
        self,
        message: str,
        *,
        transaction_id: str = "",
        status: grpc.StatusCode = grpc.StatusCode.UNKNOWN,
        details: Sequence[EndorserDetail] = (),
        seconds: float | None = None,
    ) -> None:
        super().__init__(message, transaction_id=transaction_id, status=status, details=details, seconds=seconds)
        if status in _REFUSING:
            self.outcome = "not-told"
            self.advice = (
                "The question was refused, not the transaction: it was accepted for ordering and may be committed. "
                "Asking again in this name does not help: let somebody ask whom the channel lets read."
            )


class CommitError(GatewayError):
    """The transaction is on the ledger, marked invalid with `code` (a `TxValidationCode`): it changed nothing."""

    outcome: Outcome = "committed-invalid"
    phase = "the validation"
    advice = "The transaction is recorded as invalid and changed nothing: it may be proposed anew."

    def __init__(self, code: str, *, transaction_id: str, block_number: int | None) -> None:
        where = "" if block_number is None else f" in block {block_number}"
        super().__init__(
            f"transaction {transaction_id} was committed{where} as invalid: {code}",
            transaction_id=transaction_id,
            status=grpc.StatusCode.OK,
        )
        self.code = code
        self.block_number = block_number

    @property
    def conflict(self) -> bool:
        """Whether it lost a race: what it had read was changed by an earlier transaction."""
        return self.code in ("MVCC_READ_CONFLICT", "PHANTOM_READ_CONFLICT")


class EventsError(GatewayError):
    """A stream of events could not be opened or went away for good."""

    phase = "the stream of events"
    advice = "Events that were missed can be read again from a checkpoint or a start block."


class BlocksError(GatewayError):
    """A stream of blocks was refused or broke off. `delivery` is Fabric's `common.Status` (`FORBIDDEN`,
    `NOT_FOUND` ...), empty when the peer was not reached or the connection broke.
    """

    phase = "the stream of blocks"
    advice = "Blocks stay where they are: they can be read again."

    def __init__(
        self,
        message: str,
        *,
        delivery: str = "",
        status: grpc.StatusCode | None = None,
        details: Sequence[EndorserDetail] = (),
        seconds: float | None = None,
    ) -> None:
        meant = status or _STATUS_OF.get(delivery, grpc.StatusCode.UNKNOWN)
        super().__init__(message, status=meant, details=details, seconds=seconds)
        self.delivery = delivery


_STATUS_OF = {
    "BAD_REQUEST": grpc.StatusCode.INVALID_ARGUMENT,
    "FORBIDDEN": grpc.StatusCode.PERMISSION_DENIED,
    "NOT_FOUND": grpc.StatusCode.NOT_FOUND,
    "REQUEST_ENTITY_TOO_LARGE": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "INTERNAL_SERVER_ERROR": grpc.StatusCode.INTERNAL,
    "NOT_IMPLEMENTED": grpc.StatusCode.UNIMPLEMENTED,
    "SERVICE_UNAVAILABLE": grpc.StatusCode.UNAVAILABLE,
}
"""The gRPC status that says what a `common.Status` says."""


class BlockError(FabricError):
    """Bytes that are not a block, or a block that does not hold what it must."""


def gateway_error(kind: type[GatewayError], failure: RpcFailure, transaction_id: str = "") -> GatewayError:
    """The error of a phase out of a failed call.

    Args:
        kind: The error of the phase: `EndorseError`, `SubmitError` and so on.
        failure: The failed call.
        transaction_id: The transaction; empty where there is none.
    """
    of_transaction = {"transaction_id": transaction_id} if transaction_id else {}
    return kind(
        failure.message,
        **of_transaction,
        status=failure.status,
        details=failure.details,
        seconds=failure.seconds,
    )


def _not_passed_on(failure: RpcFailure) -> bool:
    """Whether a failed hand-over says itself that the transaction went to no orderer, or was refused by one for good.

    Whatever else failed may have been ordered.
    """
    if failure.overloaded or failure.unconnected:
        return True
    if failure.details:
        return False
    refused = failure.message.partition(_ORDERER_REFUSED)
    return failure.status in _REFUSING or (refused[0] == "" and refused[2].startswith(_REFUSED_AS))


def note_in_flight(interruption: BaseException, transaction_id: str) -> None:
    """Say in an interruption which transaction was being sent, and may yet be committed; `in_flight` reads it.

    Args:
        interruption: `KeyboardInterrupt`, `CancelledError`, or what a signal raised.
        transaction_id: The transaction that was being sent.
    """
    interruption.add_note(f"Transaction {transaction_id} was being sent and may yet be committed.")
    interruption._medconsent_in_flight = transaction_id  # type: ignore[attr-defined]


def in_flight(error: BaseException | None) -> str | None:
    """The transaction that an interruption met while it was being sent, or what raised it did; None for none.

    Args:
        error: What was caught: a `KeyboardInterrupt`, a cancelled task, or what was raised in its place.
    """
    while error is not None:
        found: str | None = getattr(error, "_medconsent_in_flight", None)
        if found is not None:
            return found
        error = error.__cause__ or error.__context__
    return None
