"""Somebody who asks one chaincode, in either style of client."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.clients import Caller
from styles import Style

from medconsent.fabric import Commit, PrivateKeySigner, Proposal, Signer, Transaction

CHANNEL_EVENTS = {
    "block": "block_events",
    "filtered block": "filtered_block_events",
    "block and private data": "block_and_private_data_events",
}
"""The official scenarios' words for the three kinds of streams, and our names."""


class NoSigner:
    """In the place of a signer where everything is signed elsewhere."""

    def sign(self, message: bytes) -> bytes:
        """See `Signer`."""
        raise PermissionError(f"{len(message)} bytes were to be signed, and there is no signer")


class Asker:
    """Submits and evaluates, and listens."""

    def __init__(self, style: Style, caller: Caller, chaincode: str, signer: Signer | None = None) -> None:
        self.style, self.caller = style, caller
        self.gateway: Any = style.do(lambda: style.connect(caller, signer))
        self.channel = self.gateway.channel(caller.channel)
        self.contract = self.channel.contract(chaincode)
        self.chaincode = chaincode
        self._streams: list[Any] = []

    def submit(
        self,
        function: str,
        *arguments: str,
        orgs: Sequence[str] = (),
        transient: Mapping[str, str] | None = None,
    ) -> Any:
        """Submit: what came of it, with its result and block."""
        return self.style.do(
            lambda: self.contract.submit(function, *arguments, endorsing_organizations=orgs, transient=transient)
        )

    def evaluate(
        self,
        function: str,
        *arguments: str,
        orgs: Sequence[str] = (),
        transient: Mapping[str, str] | None = None,
    ) -> str:
        """Evaluate: the answer as text."""
        answer: bytes = self.style.do(
            lambda: self.contract.evaluate(function, *arguments, target_organizations=orgs, transient=transient)
        )
        return answer.decode()

    def blocks(self, kind: str, **options: Any) -> Any:
        """Listen for blocks of a kind."""
        return self._open(lambda: getattr(self.channel, CHANNEL_EVENTS[kind])(**options))

    def events(self, **options: Any) -> Any:
        """Listen for the chaincode's events."""
        return self._open(lambda: self.channel.chaincode_events(self.chaincode, **options))

    def next(self, stream: Any) -> Any:
        """The next that a stream brings."""
        return self.style.next(stream)

    def stop(self, stream: Any) -> None:
        """Listen no more."""
        self._streams.remove(stream)
        self.style.close(stream)

    def close(self) -> None:
        """Close the gateway, and what listens."""
        for stream in list(self._streams):
            self.stop(stream)
        self.style.do(self.gateway.close)

    def _open(self, what: Any) -> Any:
        stream = self.style.do(what)
        self._streams.append(stream)
        return stream


class Elsewhere:
    """Signs what an asker without a signer makes, and carries it over as bytes."""

    def __init__(self, signer: PrivateKeySigner) -> None:
        self._signer = signer

    def evaluate(self, asker: Asker, function: str, *arguments: str) -> str:
        """Evaluate what was signed elsewhere."""
        proposal = Proposal.from_bytes(asker.contract.propose(function, *arguments).to_bytes())
        signed = Proposal.from_bytes(proposal.with_signature(self._signer.sign(proposal.message)).to_bytes())
        answer: bytes = asker.style.do(lambda: asker.contract.evaluate_proposal(signed))
        return answer.decode()

    def submit(self, asker: Asker, function: str, *arguments: str) -> str:
        """Submit: each of the three steps is signed elsewhere."""
        contract, do = asker.contract, asker.style.do
        proposal = contract.propose(function, *arguments)
        signed = proposal.with_signature(self._signer.sign(proposal.message))
        endorsed = Transaction.from_bytes(do(lambda: contract.endorse_proposal(signed)).to_bytes())
        transaction = endorsed.with_signature(self._signer.sign(endorsed.message))
        commit: Commit = do(lambda: contract.send(transaction))
        asked = commit.with_signature(self._signer.sign(commit.message))
        do(lambda: contract.commit_status(asked)).require_valid()
        return bytes(transaction.result).decode()
