"""What went wrong, in which phase, and whether anything was committed.

A transaction passes four phases, and what a failure means depends on the phase:

=====================  =======================================  ==================
error                  phase                                    `outcome`
=====================  =======================================  ==================
`EvaluateError`        a query                                  not-committed
`EndorseError`         collecting endorsements                  not-committed
`SubmitError`          handing over to the ordering service     unknown
`CommitStatusError`    waiting for the commit                   unknown
`CommitError`          committed as invalid: it changed nothing committed-invalid
=====================  =======================================  ==================

With outcome `unknown` the transaction may or may not be on the ledger, now or soon: ask for its status by its
transaction id, and never send it again before that.
"""

from collections.abc import Sequence
from typing import ClassVar, Literal

import grpc

from .flow import EndorserDetail, RpcFailure

Outcome = Literal["not-committed", "committed-invalid", "unknown"]

_CHAINCODE_RESPONSE = "chaincode response "


class FabricError(Exception):
    """Base of everything that this package raises on purpose."""

    def diagnostics(self) -> str:
        """What happened and what to do, for people."""
        return str(self)


class ClosedError(FabricError, ValueError):
    """The client was closed, and is asked all the same: a mistake of the program, blocking or awaited."""

    def __init__(self) -> None:
        super().__init__("the client is closed: ask inside its `with` statement, or before `close()`")


class IdentityError(FabricError):
    """A certificate or private key that cannot be used."""


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
    """A call to a Gateway peer failed. `status` is the gRPC status; `details` what each peer or orderer said."""

    outcome: ClassVar[Outcome] = "not-committed"
    phase: ClassVar[str] = "the call"
    advice: ClassVar[str] = "Nothing was committed."

    def __init__(
        self,
        message: str,
        *,
        transaction_id: str = "",
        status: grpc.StatusCode = grpc.StatusCode.UNKNOWN,
        details: Sequence[EndorserDetail] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.transaction_id = transaction_id
        self.status = status
        self.details = list(details)

    @property
    def unreachable(self) -> bool:
        """Whether the Gateway peer itself was not reached; see `RpcFailure.unreached`."""
        return RpcFailure(self.status, self.message, tuple(self.details)).unreached

    def chaincode_message(self) -> str:
        """What the chaincode itself answered (the text after `chaincode response 500,`);

        empty when it did not get that far.
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
        lines = [f"{self.phase} failed{status}: {self.message}"]
        lines += [f"  {detail.msp_id} at {detail.address}: {detail.message}" for detail in self.details]
        if self.transaction_id:
            lines.append(f"Transaction {self.transaction_id}.")
        if self.unreachable:
            lines.append("The Gateway peer was not reached: is it running, and are address and TLS root right?")
        lines.append(self.advice)
        return "\n".join(lines)


class EvaluateError(GatewayError):
    """A query was refused or not answered. It never changes anything."""

    phase = "the query"
    advice = "A query changes nothing: it may be repeated."


class EndorseError(GatewayError):
    """The transaction was not endorsed, so it was not sent to the ordering service: nothing was committed."""

    phase = "the endorsement"
    advice = "Nothing was committed: it may be tried again."


class SubmitError(GatewayError):
    """The endorsed transaction was handed over and no acceptance came back: it may have been ordered all the same."""

    outcome = "unknown"
    phase = "the handing over to the ordering service"
    advice = "It is not known whether the transaction was ordered: ask for its status before anything is sent again."


class CommitStatusError(GatewayError):
    """The ordering service accepted the transaction, and what became of it was not learnt in time."""

    outcome = "unknown"
    phase = "the wait for the commit"
    advice = "It was accepted for ordering and may yet be committed: ask for its status before anything is sent again."


class CommitError(GatewayError):
    """The transaction is on the ledger, marked invalid with `code` (a `TxValidationCode`): it changed nothing."""

    outcome = "committed-invalid"
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

    def __init__(self, message: str, *, delivery: str = "", status: grpc.StatusCode = grpc.StatusCode.UNKNOWN) -> None:
        super().__init__(message, status=status)
        self.delivery = delivery


class BlockError(FabricError):
    """Bytes that are not a block, or a block that does not hold what it must."""


def gateway_error(kind: type[GatewayError], failure: RpcFailure, transaction_id: str = "") -> GatewayError:
    """The error of a phase out of a failed call."""
    return kind(failure.message, transaction_id=transaction_id, status=failure.status, details=failure.details)


def note_in_flight(interruption: BaseException, transaction_id: str) -> None:
    """Say in an interruption which transaction was being sent, and may yet be committed; `in_flight` reads it."""
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
