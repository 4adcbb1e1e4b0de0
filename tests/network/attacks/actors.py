"""People with a raw line to a gateway: they speak the contract's JSON themselves, so that nothing in the nouns of the
SDK can help or hinder an attack.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from forge import Key

from medconsent.fabric import wallet
from medconsent.fabric.channel import Channel
from medconsent.fabric.commit import Commit
from medconsent.fabric.contract import Contract
from medconsent.fabric.errors import EndorseError, EvaluateError
from medconsent.fabric.flow import Blocking
from medconsent.fabric.gateway import Gateway
from medconsent.fabric.profile import Profile
from medconsent.fabric.proposal import Proposal
from medconsent.fabric.transaction import Transaction
from medconsent_network.home import Home

CHANNEL = CHAINCODE = "medconsent"


class Refused(Exception):  # noqa: N818 - the word of the contract
    """The contract's refusal; `code` is `""` when the answer was not the contract's."""

    def __init__(self, error: EndorseError | EvaluateError) -> None:
        try:
            refusal = json.loads(error.chaincode_message())
        except ValueError:
            refusal = {}
        self.code: str = refusal.get("code", "")
        self.message: str = refusal.get("message", "") or " ".join([error.message, *(d.message for d in error.details)])
        self.details: list[Any] = refusal.get("details", [])
        super().__init__(f"{self.code}: {self.message} {self.details}")


@dataclass(frozen=True)
class Outcome:
    """What a peer made of a transaction. `code` is Fabric's validation code."""

    transaction_id: str
    code: str


@dataclass
class Seen:
    """What the people of a scene have seen so far: the newest block with a transaction of theirs, and a line to each
    institution's peer.
    """

    block: int = 0
    peers: dict[str, Channel[Blocking]] = field(default_factory=dict)
    seconds: dict[str, "Actor"] = field(default_factory=dict)
    """The officer of each institution who confirms what others of it do in the honest way."""

    def everywhere(self) -> None:
        """Wait until every peer has that block. What is tested here are attacks, not what a lagging peer answers."""
        for peer in self.peers.values():
            peer.wait_for_block(self.block)


@dataclass(frozen=True)
class Actor:
    """One person, at the gateway of their own institution unless said otherwise."""

    key: Key
    channel: Channel[Blocking]
    contract: Contract[Blocking]
    seen: Seen

    @classmethod
    def at(cls, home: Home, key: Key, seen: Seen | None = None) -> "Actor":
        """The holder of `key` at the gateway of the institution whose home this is. Those who share `seen` read what
        the others wrote.
        """
        peer = Profile.load(home.connection_profile).peer
        # An attacker's client checks nothing: what a peer refuses is to be seen.
        gateway = Gateway(peer.endpoint, key.identity, key.signer, tls_root=peer.tls_root, check=False)
        channel = gateway.channel(CHANNEL)
        seen = seen or Seen()
        seen.peers.setdefault(key.identity.msp_id, channel)
        return cls(key, channel, channel.contract(CHAINCODE), seen)

    @property
    def institution(self) -> str:
        return self.key.identity.msp_id

    def ask(self, function: str, argument: Any = None, *, targets: Sequence[str] | None = None) -> Any:
        """Evaluate at one's own institution's peer (or at `targets`); raises `Refused`."""
        asked = (self.institution,) if targets is None else targets
        self.seen.everywhere()
        try:
            return json.loads(self.contract.evaluate(function, encode(argument), target_organizations=asked))
        except EvaluateError as error:
            raise Refused(error) from error

    def endorse(self, function: str, argument: Any, *endorsers: str) -> Transaction:
        """Have a transaction endorsed by exactly `endorsers` and keep it; raises `Refused`."""
        self.seen.everywhere()
        try:
            return self.contract.endorse(function, encode(argument), endorsing_organizations=endorsers)
        except EndorseError as error:
            raise Refused(error) from error

    def endorse_dated(self, seconds: int, function: str, argument: Any, *endorsers: str) -> Transaction:
        """`endorse` with a timestamp `seconds` since 1970 of the client's choosing."""
        self.seen.everywhere()
        try:
            return self.contract.endorse_proposal(self._dated(seconds, function, argument, endorsers))
        except EndorseError as error:
            raise Refused(error) from error

    def ask_dated(self, seconds: int, function: str, argument: Any) -> Any:
        """`ask` with a timestamp `seconds` since 1970 of the client's choosing."""
        self.seen.everywhere()
        try:
            return json.loads(
                self.contract.evaluate_proposal(self._dated(seconds, function, argument, [self.institution]))
            )
        except EvaluateError as error:
            raise Refused(error) from error

    def _dated(self, seconds: int, function: str, argument: Any, endorsers: Sequence[str]) -> Proposal:
        return Proposal.create(
            self.key.identity,
            CHANNEL,
            CHAINCODE,
            function,
            [encode(argument)],
            endorsing_organizations=endorsers,
            timestamp_ns=seconds * 1_000_000_000,
        )

    def send(self, transaction: Transaction) -> Outcome:
        """Hand in an endorsed transaction and wait for what one's own peer makes of it."""
        return self._outcome(self.contract.send(transaction))

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the public key, as the ledger has it."""
        return fingerprint(self.key)

    def change(self, function: str, argument: Any, *endorsers: str) -> Any:
        """`alone`, and what waits for a second officer is confirmed by one; the contract's answer."""
        answer = self.alone(function, argument, *endorsers)
        second = self.seen.seconds.get(self.institution)
        if function.startswith("proposal.") or "proposal" not in answer or second is None:
            return answer
        return second.confirm(answer["proposal"]["id"])["done"]

    def ensure(self, function: str, argument: Any, *endorsers: str) -> None:
        """`change`, unless it stands so already: what changes nothing is refused."""
        try:
            self.change(function, argument, *endorsers)
        except Refused as refused:
            if "says just this already" not in refused.message:
                raise

    def confirm(self, proposal: str) -> Any:
        """Confirm what another officer proposed; the answer."""
        return self.alone("proposal.confirm", self.confirmation(proposal), *self.with_another())

    def confirmation(self, proposal: str) -> dict[str, str]:
        """What confirms a proposal as it stands."""
        digest = self.ask("proposal.get", {"proposal": proposal})["proposal"]["digest"]
        return {"proposal": proposal, "digest": digest}

    def with_another(self) -> tuple[str, str]:
        """One's own institution, and another that makes a majority with it."""
        return self.institution, next(name for name in sorted(self.seen.peers) if name != self.institution)

    def alone(self, function: str, argument: Any, *endorsers: str) -> Any:
        """Endorse, send, and insist on VALID; the contract's answer, which may be a proposal that waits."""
        transaction = self.endorse(function, argument, *endorsers)
        outcome = self.send(transaction)
        assert outcome.code == "VALID", f"{function}: {outcome}"
        return json.loads(transaction.result)

    def outcome(self, transaction_id: str) -> Outcome:
        """What one's own peer made of a transaction that somebody handed in."""
        return self._outcome(Commit.create(self.key.identity, CHANNEL, transaction_id))

    def _outcome(self, commit: Commit) -> Outcome:
        status = self.contract.commit_status(commit)
        self.seen.block = max(self.seen.block, status.block_number or 0)
        return Outcome(status.transaction_id, status.code)


def encode(argument: Any) -> bytes:
    return json.dumps({} if argument is None else argument).encode()


def fingerprint(key: Key) -> str:
    """The SHA-256 of a public key, as the ledger has it."""
    public = x509.load_pem_x509_certificate(key.identity.certificate_pem).public_key()
    return hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def key_in(folder: Path, institution: str) -> Key:
    """The identity in a wallet or MSP folder."""
    return Key(*wallet.load(folder, institution))
