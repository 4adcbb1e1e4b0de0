"""What valid transactions did to the institution's seals, keys and name without its peer's endorsement."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError

from medconsent.fabric import _protos as pb
from medconsent.fabric.decoding import decode
from medconsent.fabric.ledger_blocks import Action, LedgerTransaction, Namespace
from medconsent.fabric.trust import Authority, named
from medconsent.watch.findings import Finding, listed
from medconsent.watch.scope import Scope
from medconsent.watch.state import Guards, hashes_of

LEGACY = "lscc"
_INDEX = "i/"
_LONGEST_REMEMBERED = 4096  # bytes of a policy; the contract's have some 60


@dataclass(frozen=True)
class Place:
    """A transaction in a block, as findings name it."""

    block: int
    transaction: LedgerTransaction

    def found(self, code: str, sentence: str, about: str = "") -> Finding:
        """A finding about this transaction.

        Args:
            code: The finding's code, one of those in docs/watcher.md.
            sentence: What the transaction does, in lower case: it follows a colon.
            about: What distinguishes it from other findings of the transaction with this code.
        """
        told = f"transaction {self.transaction.id} in block {self.block}: {sentence}"
        return Finding(code, told, self.block, self.transaction.id, about)

    def unreadable(self, what: str) -> Finding:
        """Something in it cannot be read: that taints whoever made the transaction."""
        maker = named(self.transaction.creator)
        told = f"transaction {self.transaction.id} of {maker or 'nobody known'} in block {self.block}: {what}"
        return Finding("UNREADABLE", told, self.block, self.transaction.id, what, Scope.of([maker]))


class Endorsed:
    """Whether the institution's own peer endorsed an action, looked up when somebody wants to know."""

    def __init__(self, action: Action, pinned: Authority) -> None:
        self._action = action
        self._pinned = pinned
        self._known: bool | None = None

    def __bool__(self) -> bool:
        if self._known is None:
            self._known = any(self._by_own_peer(*one) for one in self._action.endorsements)
        return self._known

    @property
    def why_not(self) -> str:
        """What is wrong with the endorsements in the institution's name; empty when there is none."""
        for endorser, _ in self._action.endorsements:
            if named(endorser) == self._pinned.msp_id:
                member = self._pinned.member(endorser)
                if member is None:
                    return "the certificate does not lead to the pinned root certificates"
                if "peer" not in member.units:
                    return f"the certificate of {member.name!r} is not a peer's"
                return f"the signature is not that of {member.name!r}"
        return ""

    @property
    def others(self) -> str:
        """Who endorsed, by their own word."""
        return listed(named(endorser) for endorser, _ in self._action.endorsements)

    def _by_own_peer(self, endorser: bytes, signature: bytes) -> bool:
        member = self._pinned.member(endorser)
        return (
            member is not None
            and "peer" in member.units
            and member.signed(self._action.response_payload + endorser, signature)
        )


class Policies:
    """Which key-level policies cannot be met without the institution's peer; remembers what it was asked."""

    def __init__(self, institution: str) -> None:
        self._institution = institution
        self._known: dict[bytes, bool] = {}

    def need_us(self, policy: bytes) -> bool:
        """Whether a `SignaturePolicyEnvelope` needs the institution."""
        known = self._known.get(policy)
        if known is None:
            known = needs(policy, self._institution)
            if len(self._known) > 1000:
                self._known.clear()
            if len(policy) <= _LONGEST_REMEMBERED:
                self._known[policy] = known
        return known


def needs(policy: bytes, institution: str) -> bool:
    """Whether a `SignaturePolicyEnvelope` cannot be met without a peer of `institution`.

    Others write such policies too. One that cannot be read, or that nobody can meet, needs nobody.

    Args:
        policy: The serialized policy.
        institution: An MSP ID.
    """
    try:
        envelope = decode(pb.SignaturePolicyEnvelope, policy)
        ours = [_is_peer_of(one, institution) for one in envelope.identities]
    except DecodeError:
        return False

    def needed(rule: Any) -> bool:
        if rule.WhichOneof("Type") != "n_out_of":
            return bool(0 <= rule.signed_by < len(ours) and ours[rule.signed_by])
        without = sum(not needed(one) for one in rule.n_out_of.rules)
        return bool(without < rule.n_out_of.n <= len(rule.n_out_of.rules))

    return needed(envelope.rule)


def _is_peer_of(principal: Any, institution: str) -> bool:
    """Only a peer's: a client of the institution would do for any other role."""
    if principal.principal_classification != pb.MSPPrincipal.ROLE:
        return False
    role = decode(pb.MSPRole, principal.principal)
    return bool(role.msp_identifier == institution and role.role == pb.MSPRole.PEER)


def creator(place: Place, pinned: Authority) -> Iterator[Finding]:
    """Somebody acts in the institution's name whom its CA does not know.

    Args:
        place: The transaction.
        pinned: The institution's own roots, kept outside the ledger.
    """
    if pinned.member(place.transaction.creator) is None and named(place.transaction.creator) == pinned.msp_id:
        sentence = f"it was made in the name of {pinned.msp_id} with a certificate that does not lead to its roots"
        yield place.found("CREATOR_FORGED", sentence)


def legacy(place: Place, namespace: Namespace) -> Iterator[Finding]:
    """Something was written to the legacy lifecycle.

    Args:
        place: The transaction.
        namespace: What it wrote under one chaincode's name.
    """
    if namespace.name == LEGACY and (namespace.writes or namespace.collections):
        keys = listed(key for key, _ in namespace.writes)
        yield place.found("LEGACY_CHAINCODE", f"it writes {keys} in the legacy lifecycle (lscc)", keys)


def seals(place: Place, namespace: Namespace, collection: str, endorsed: Endorsed) -> Iterator[Finding]:
    """A write to the institution's implicit collection.

    Args:
        place: The transaction.
        namespace: What it wrote under one chaincode's name.
        collection: The name of the institution's implicit collection.
        endorsed: Whether the institution's peer endorsed it, and who else.
    """
    written = namespace.collections.get(collection)
    if not written or endorsed:
        return
    known = hashes_of(key for key, _ in namespace.writes)
    keys = listed(known.get(digest, f"hash {digest.hex()[:16]}") for digest, _ in written)
    what = f"it writes {namespace.name}/{collection} ({keys}), endorsed by {endorsed.others}"
    if why := endorsed.why_not:
        yield place.found("ENDORSEMENT_FORGED", f"{what}; {why}", keys)
    else:
        yield place.found("SEAL_FORGED", f"{what}, without this institution's peer", keys)


def spoils(
    place: Place, namespace: Namespace, guards: Guards, policies: Policies, endorsed: Endorsed
) -> Iterator[Finding]:
    """A write to a key that the institution's key-level policy protects; and which keys it protects from now on.

    A key that carries the transaction's own id is new, as every key of the contract is when it is made: nobody could
    have guarded it before. Fabric keeps the policy of a key only with a value, so a policy written to a key that is not
    written with it, or that is deleted with it, guards nothing that was not guarded before.

    Args:
        place: The transaction.
        namespace: What it wrote under one chaincode's name.
        guards: The keys that the institution's key-level policies protect so far; changed by what is written.
        policies: Which key-level policies cannot be met without the institution.
        endorsed: Whether the institution's peer endorsed it, and who else.
    """
    own = place.transaction.id
    touched = [key for key, _ in namespace.writes if not key.endswith(own)]
    touched += [key for key, _ in namespace.policies if not key.endswith(own)]
    guarded = [key for key in touched if key in guards]
    if guarded and not endorsed:
        keys = listed(guarded)
        sentence = f"it changes {keys}, which this institution guards, endorsed by {endorsed.others} and not by it"
        yield place.found("KEY_SPOILED", sentence, keys)
    there = {key: value is not None for key, value in namespace.writes}
    for key, value in namespace.writes:
        if value is None:
            guards.remove(key)
    for key, policy in namespace.policies:
        if policy is not None and policies.need_us(policy):
            if there.get(key, key in guards):
                guards.add(key)
        elif guarded:
            guards.remove(key)


def unsealed(
    place: Place, namespace: Namespace, institution: str, collection: str, endorsed: Endorsed
) -> Iterator[Finding]:
    """A record in the institution's name that it did not seal.

    Args:
        place: The transaction.
        namespace: What it wrote under one chaincode's name.
        institution: The institution as records name their owner.
        collection: The name of its implicit collection.
        endorsed: Whether the institution's peer endorsed it, and who else.
    """
    if endorsed:
        return
    records = [(key, value) for key, value in namespace.writes if value is not None and not key.startswith(_INDEX)]
    suspects = [key for key, value in records if _owner(value) == institution]
    sealed = {digest for digest, _ in namespace.collections.get(collection, ())}
    keys = [key for digest, key in hashes_of(suspects).items() if digest not in sealed]
    if keys:
        sentence = (
            f"it writes {listed(keys)} in this institution's name without its seal, endorsed by {endorsed.others}"
        )
        yield place.found("UNSEALED_RECORD", sentence, listed(keys))


def _owner(value: bytes) -> object:
    try:
        record = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return record.get("owner") if isinstance(record, dict) else None
