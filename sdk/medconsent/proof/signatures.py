"""Whose signatures a transaction carries: its creator's, and those of the peers that endorsed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError

from medconsent.fabric import _protos as pb
from medconsent.fabric.channel_config import APPLICATION, ChannelConfig
from medconsent.fabric.decoding import decode
from medconsent.fabric.errors import BlockError
from medconsent.fabric.ledger_blocks import LedgerBlock, LedgerTransaction
from medconsent.fabric.trust import Authority, named
from medconsent.proof.policies import Policies, Signer

_PEER = frozenset({"peer"})


@dataclass(frozen=True)
class Verified:
    """One endorsed transaction, and what is right about its signatures.

    Attributes:
        index: Its place in the block.
        code: What the block says became of it.
        signed: Whether a member of the channel made and signed it.
        endorsers: The institutions whose peers endorsed it, sorted.
        meets: The application's policies that these meet.
        envelope: The transaction as it stands in the block.
    """

    index: int
    code: int
    signed: bool
    endorsers: tuple[str, ...]
    meets: tuple[str, ...]
    envelope: bytes

    def facts(self) -> dict[str, Any]:
        """What the contract's program is told of it."""
        return {
            "index": self.index,
            "code": self.code,
            "signed": self.signed,
            "endorsers": self.endorsers,
            "meets": self.meets,
            "size": len(self.envelope),
        }


class Signatures:
    """Verifies signatures by one configuration; remembers certificates and sets of endorsers."""

    def __init__(self, config: ChannelConfig) -> None:
        self.members = tuple(sorted({one.msp_id for one in config.members()}))
        self._authorities: Mapping[str, Authority] = {one.msp_id: one for one in config.authorities(APPLICATION)}
        self._policies = Policies(config)
        self._meets: dict[tuple[str, ...], tuple[str, ...]] = {}

    def verified(self, block: LedgerBlock) -> list[Verified]:
        """The endorsed transactions of a block.

        Raises:
            BlockError: The block does not say how its transactions were judged.
        """
        return [one for index, code in enumerate(block.codes()) if (one := self._transaction(block, index, code))]

    def _transaction(self, block: LedgerBlock, index: int, code: int) -> Verified | None:
        envelope = block.envelopes[index]
        try:
            transaction = block.transaction(index, code)
        except BlockError:  # nobody signed what cannot be read
            return Verified(index, code, False, (), (), envelope)
        if transaction.type != pb.ENDORSER_TRANSACTION:
            return None
        endorsers = self._endorsers(transaction)
        return Verified(
            index, code, self._signed(envelope, transaction.creator), endorsers, self._met(endorsers), envelope
        )

    def _signed(self, envelope: bytes, creator: bytes) -> bool:
        authority = self._authorities.get(named(creator))
        member = authority.member(creator) if authority else None
        if member is None:
            return False
        outer = decode(pb.Envelope, envelope)  # it was read before
        return member.signed(bytes(outer.payload), bytes(outer.signature))

    def _endorsers(self, transaction: LedgerTransaction) -> tuple[str, ...]:
        found = set()
        try:
            for action in decode(pb.Transaction, transaction.data).actions:
                endorsed = decode(pb.ChaincodeActionPayload, action.payload).action
                payload = bytes(endorsed.proposal_response_payload)
                for one in endorsed.endorsements:
                    endorser = bytes(one.endorser)
                    authority = self._authorities.get(named(endorser))
                    member = authority.member(endorser) if authority else None
                    if (
                        authority is not None
                        and member is not None
                        and "peer" in member.units
                        and authority.msp_id not in found
                        and member.signed(payload + endorser, bytes(one.signature))
                    ):
                        found.add(authority.msp_id)
        except DecodeError:
            return ()
        return tuple(sorted(found))

    def _met(self, endorsers: tuple[str, ...]) -> tuple[str, ...]:
        if endorsers not in self._meets:
            self._meets[endorsers] = tuple(self._policies.application([Signer(one, _PEER) for one in endorsers]))
        return self._meets[endorsers]
