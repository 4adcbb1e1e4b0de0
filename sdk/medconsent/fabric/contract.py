"""A chaincode as one identity calls it: evaluate, endorse, send, and learn what came of it.

A transaction is endorsed and signed once. It may be handed in again as it stands, and Fabric commits it once
(`medconsent.fabric.ordering`). A Gateway that has too much to do says so before it looks at a call, and is asked
again. Calls that commit nothing (evaluate, endorse, the question for a status) are repeated for a moment when the peer
is not reached, for example while it restarts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from grpc import StatusCode

from ._protos import EvaluateResponse
from .blocks import BlocksRequest
from .commit import Commit, Sent, Submitted, TransactionStatus
from .decoding import answered
from .errors import (
    CertificateEnded,
    ClosedError,
    CommitStatusError,
    EndorseError,
    EvaluateError,
    GatewayError,
    SubmitError,
    gateway_error,
    note_in_flight,
)
from .flow import Call, Driver, Flow, Operations, RpcFailure, operation
from .identity import Identity, Signer
from .ordering.handing import hand_in, outcome
from .ordering.patience import left, patient, until
from .proposal import Argument, Proposal
from .signable import Signable
from .transaction import Transaction

M = TypeVar("M")
S = TypeVar("S", bound=Signable)

EVALUATE = "/gateway.Gateway/Evaluate"
ENDORSE = "/gateway.Gateway/Endorse"

_SHORT_PATIENCE = (0.2, 0.5)


@dataclass(frozen=True)
class Timeouts:
    """How long each call may take, in seconds. A peer itself gives endorsers 30 s and orderers 20 s by default."""

    evaluate: float = 30.0
    endorse: float = 30.0
    submit: float = 25.0
    commit_status: float = 60.0


class Caller(Operations[M]):
    """What a channel and a contract share: on whose behalf, and how long to wait."""

    def __init__(
        self, driver: Driver[M], identity: Identity, signer: Signer, channel: str, *, timeouts: Timeouts | None = None
    ) -> None:
        super().__init__(driver)
        self.identity = identity
        self.signer = signer
        self.channel_name = channel
        self.timeouts = timeouts or Timeouts()

    def request_blocks(self, start: int | None = None, stop: int | None = None, *, wait: bool = True) -> BlocksRequest:
        """An unsigned request for blocks of the channel, for signing elsewhere. Needs no network.

        Args:
            start: The first block; None: the newest.
            stop: The last block; None: without an end.
            wait: Whether the peer goes on with what is committed later; otherwise it ends where its ledger does.
        """
        return BlocksRequest.create(
            self.identity,
            self.channel_name,
            start,
            stop,
            wait=wait,
            tls_client_certificate_hash=self._driver.tls_client_certificate_hash,
        )

    def _signed(self, message: S, kind: type[GatewayError], transaction_id: str = "") -> S:
        """A message with the caller's signature, if it has none.

        Raises:
            GatewayError: Of that kind: the certificate has ended while the client ran.
        """
        try:
            return message.sign(self.signer)
        except CertificateEnded as ended:
            refused = RpcFailure(StatusCode.UNAUTHENTICATED, str(ended))
            raise gateway_error(kind, refused, transaction_id) from ended


class Contract(Caller[M]):
    """A chaincode on a channel."""

    def __init__(
        self,
        driver: Driver[M],
        identity: Identity,
        signer: Signer,
        channel: str,
        chaincode: str,
        *,
        timeouts: Timeouts | None = None,
        name: str = "",
    ) -> None:
        super().__init__(driver, identity, signer, channel, timeouts=timeouts)
        self.chaincode = chaincode
        self.name = name

    def propose(
        self,
        function: str,
        *arguments: Argument,
        endorsing_organizations: Sequence[str] = (),
        transient: Mapping[str, Argument] | None = None,
    ) -> Proposal:
        """An unsigned proposal, for signing elsewhere. Needs no network.

        Args:
            function: The transaction function's name.
            endorsing_organizations: The MSP ids whose peers are to endorse; none: the Gateway chooses.
            transient: What the chaincode gets besides and no block holds, by name.
            arguments: Its arguments: bytes, or text, which becomes UTF-8.

        Raises:
            TypeError: An argument is neither bytes nor text.
        """
        return Proposal.create(
            self.identity,
            self.channel_name,
            self.chaincode,
            f"{self.name}:{function}" if self.name else function,
            arguments,
            transient=transient,
            endorsing_organizations=endorsing_organizations,
            tls_client_certificate_hash=self._driver.tls_client_certificate_hash,
        )

    @operation
    def evaluate(
        self,
        function: str,
        *arguments: Argument,
        target_organizations: Sequence[str] = (),
        transient: Mapping[str, Argument] | None = None,
        timeout: float | None = None,
    ) -> Flow[bytes]:
        """Ask and change nothing; the chaincode's answer.

        Args:
            function: The transaction function's name.
            target_organizations: The MSP ids whose peers may answer. When none is named, a gateway whose own chaincode
                is down silently asks another organization's: name one's own for anything that decides something.
            transient: What the chaincode gets besides, by name.
            timeout: In seconds; None: that of the gateway (`Timeouts.evaluate`).
            arguments: Its arguments: bytes, or text, which becomes UTF-8.

        Raises:
            EvaluateError: The peer does not answer, or refuses.
        """
        proposal = Contract.propose(
            self, function, *arguments, endorsing_organizations=target_organizations, transient=transient
        )
        return (yield from Contract.evaluate_proposal.flow(self, proposal, timeout=timeout))

    @operation
    def evaluate_proposal(self, proposal: Proposal, *, timeout: float | None = None) -> Flow[bytes]:
        """`evaluate` for a proposal made before; an existing signature is kept.

        Args:
            proposal: The proposal; it names the organizations that may answer.
            timeout: In seconds; None: that of the gateway (`Timeouts.evaluate`).

        Raises:
            EvaluateError: The peer does not answer, or refuses.
        """
        request = self._signed(proposal, EvaluateError).evaluate_request()
        try:
            response = yield from patient(
                Call(EVALUATE, request, self.timeouts.evaluate), _SHORT_PATIENCE, until(timeout)
            )
            return bytes(answered(EvaluateResponse, response).result.payload)
        except RpcFailure as failure:
            raise gateway_error(EvaluateError, failure, proposal.transaction_id) from failure

    @operation
    def submit(
        self,
        function: str,
        *arguments: Argument,
        endorsing_organizations: Sequence[str] = (),
        transient: Mapping[str, Argument] | None = None,
        timeout: float | None = None,
    ) -> Flow[Submitted]:
        """Endorse, send once, and wait until it is committed as valid.

        Args:
            function: The transaction function's name.
            endorsing_organizations: The MSP ids whose peers are asked, all of them; none: those that the Gateway finds
                to be enough.
            transient: What the chaincode gets besides and no block holds, by name.
            timeout: In seconds, for all phases together; None: each has that of the gateway (`Timeouts`).
            arguments: Its arguments: bytes, or text, which becomes UTF-8.

        Raises:
            EndorseError: Nothing committed.
            SubmitError: Whether it was ordered is not known.
            CommitStatusError: Not known.
            CommitError: Recorded as invalid, changed nothing.
        """
        end = until(timeout)
        transaction = yield from Contract.endorse.flow(
            self,
            function,
            *arguments,
            endorsing_organizations=endorsing_organizations,
            transient=transient,
            timeout=timeout,
        )
        _require_time(end, transaction)
        result = transaction.result  # read first: nothing may go wrong here once it is sent
        try:
            with self._driver.watch(transaction.channel, transaction.transaction_id, self._blocks_request) as watched:
                commit = yield from Contract.send.flow(self, transaction, timeout=left(end))
                status = yield from _outcome(self, commit, watched, end)
        except ClosedError as closed:
            note_in_flight(closed, transaction.transaction_id)
            raise
        except Exception:
            raise
        except BaseException as interruption:  # Ctrl-C, or a task cancelled: say what is in flight
            note_in_flight(interruption, transaction.transaction_id)
            raise
        status.require_valid()
        return Submitted(result, transaction.transaction_id, status.block_number or 0, status.seen)

    @operation
    def submit_async(
        self,
        function: str,
        *arguments: Argument,
        endorsing_organizations: Sequence[str] = (),
        transient: Mapping[str, Argument] | None = None,
        timeout: float | None = None,
    ) -> Flow[Sent]:
        """Endorse and send once; what the chaincode answered, before it is known whether it is committed.

        Ask `commit_status` with the `commit` in it, now or later, here or elsewhere.

        Args:
            function: The transaction function's name.
            endorsing_organizations: As in `submit`.
            transient: What the chaincode gets besides and no block holds, by name.
            timeout: In seconds, for both phases together; None: each has that of the gateway (`Timeouts`).
            arguments: Its arguments: bytes, or text, which becomes UTF-8.

        Raises:
            EndorseError: Nothing committed.
            SubmitError: Whether it was ordered is not known.
        """
        end = until(timeout)
        transaction = yield from Contract.endorse.flow(
            self,
            function,
            *arguments,
            endorsing_organizations=endorsing_organizations,
            transient=transient,
            timeout=timeout,
        )
        _require_time(end, transaction)
        result = transaction.result
        return Sent(result, (yield from Contract.send.flow(self, transaction, timeout=left(end))))

    @operation
    def endorse(
        self,
        function: str,
        *arguments: Argument,
        endorsing_organizations: Sequence[str] = (),
        transient: Mapping[str, Argument] | None = None,
        timeout: float | None = None,
    ) -> Flow[Transaction]:
        """Collect endorsements and commit nothing.

        Args:
            function: The transaction function's name.
            endorsing_organizations: The MSP ids whose peers are asked, exactly these; none: those that the Gateway
                finds to be enough.
            transient: What the chaincode gets besides and no block holds, by name.
            timeout: In seconds; None: that of the gateway (`Timeouts.endorse`).
            arguments: Its arguments: bytes, or text, which becomes UTF-8.

        Raises:
            EndorseError: It was not endorsed: nothing was committed.
        """
        proposal = Contract.propose(
            self, function, *arguments, endorsing_organizations=endorsing_organizations, transient=transient
        )
        return (yield from Contract.endorse_proposal.flow(self, proposal, timeout=timeout))

    @operation
    def endorse_proposal(self, proposal: Proposal, *, timeout: float | None = None) -> Flow[Transaction]:
        """`endorse` for a proposal made before; an existing signature is kept.

        Args:
            proposal: The proposal; it names the organizations that are asked.
            timeout: In seconds; None: that of the gateway (`Timeouts.endorse`).

        Raises:
            EndorseError: It was not endorsed: nothing was committed.
        """
        request = self._signed(proposal, EndorseError, proposal.transaction_id).endorse_request()
        try:
            response = yield from patient(
                Call(ENDORSE, request, self.timeouts.endorse), _SHORT_PATIENCE, until(timeout)
            )
        except RpcFailure as failure:
            raise gateway_error(EndorseError, failure, proposal.transaction_id) from failure
        return Transaction.from_endorsement(response, transaction_id=proposal.transaction_id, channel=proposal.channel)

    @operation
    def send(self, transaction: Transaction, *, timeout: float | None = None) -> Flow[Commit]:
        """Hand an endorsed transaction to the ordering service; an existing signature is kept.

        Answers the question for its outcome, not yet asked.

        Args:
            transaction: The endorsed transaction.
            timeout: In seconds; None: that of the gateway (`Timeouts.submit`).

        Raises:
            SubmitError: Then it is not known whether it was ordered.
        """
        signed = self._signed(transaction, SubmitError, transaction.transaction_id)
        try:
            yield from hand_in(self, signed, until(timeout))
        except RpcFailure as failure:
            raise gateway_error(SubmitError, failure, transaction.transaction_id) from failure
        return Commit.create(self.identity, signed.channel, signed.transaction_id, signed)

    def _blocks_request(self) -> bytes:
        return self._signed(self.request_blocks(), SubmitError).to_bytes()

    @operation
    def commit_status(self, commit: Commit, *, timeout: float | None = None) -> Flow[TransactionStatus]:
        """Wait until the transaction is in a block at the Gateway peer, valid or not.

        Args:
            commit: The question, as `send` or `submit_async` gives it.
            timeout: In seconds; None: that of the gateway (`Timeouts.commit_status`).

        Raises:
            CommitStatusError: Whether it was committed is not known.
        """
        return (yield from _outcome(self, commit, None, until(timeout)))


def _require_time(end: float | None, transaction: Transaction) -> None:
    """See that there is time to send what was endorsed.

    Raises:
        EndorseError: There is none: it is not sent, so that its outcome is known.
    """
    if left(end) == 0:
        raise EndorseError(
            "the time was over before the transaction was sent",
            transaction_id=transaction.transaction_id,
            status=StatusCode.DEADLINE_EXCEEDED,
        )


def _outcome(
    contract: Contract[M], commit: Commit, watched: object, end: float | None = None
) -> Flow[TransactionStatus]:
    """What came of a transaction: out of the blocks that the driver reads, or else by asking.

    Raises:
        CommitStatusError: Whether it was committed is not known.
    """
    signed = contract._signed(commit, CommitStatusError, commit.transaction_id)
    try:
        return (yield from outcome(contract, signed, watched, end))
    except RpcFailure as failure:
        raise gateway_error(CommitStatusError, failure, commit.transaction_id) from failure
