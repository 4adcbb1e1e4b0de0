"""What the watcher finds: kinds with stable codes, and one value a finding.

A code is never renamed and never changes its meaning. A kind that *closes* makes an alarm: the institution's decisions
stay closed until somebody accepts it (docs/watcher.md). The others are told and counted.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Self


@dataclass(frozen=True)
class Kind:
    """A kind of finding: what it means, and what somebody should do."""

    code: str
    closes: bool
    meaning: str
    advice: str


_STOP = "treat it as an attack: keep decisions closed, tell the other institutions and the auditor, keep the blocks"
_MOST = 8
_AGREED = "ask the operators whether it was agreed; if so, accept it"

_KINDS = (
    Kind("CHAIN_BROKEN", True, "a block does not follow from the one before, or is not what its header says", _STOP),
    Kind("BLOCK_UNSIGNED", True, "a block carries no valid signature of an orderer of the channel", _STOP),
    Kind(
        "SEAL_FORGED", True, "a valid transaction writes the institution's seals without its peer's endorsement", _STOP
    ),
    Kind(
        "ENDORSEMENT_FORGED",
        True,
        "it does, with an endorsement in the institution's name whose certificate or signature is not its peer's",
        _STOP,
    ),
    Kind(
        "KEY_SPOILED",
        True,
        "a valid transaction changes or deletes a key that the institution guards, without its endorsement",
        _STOP,
    ),
    Kind(
        "CREATOR_FORGED",
        True,
        "a valid transaction was made in the institution's name with a certificate that its CA did not issue",
        _STOP,
    ),
    Kind(
        "UNSEALED_RECORD",
        False,
        "a record in the institution's name without its seal: it is read as forged, and counts for nothing",
        "nothing has to be done here; its endorsers run other chaincode than ours: ask them",
    ),
    Kind(
        "LEGACY_CHAINCODE",
        True,
        "the legacy lifecycle (lscc) was written to: key-level policies and seals may no longer be looked at",
        _STOP,
    ),
    Kind(
        "CHAINCODE_NOT_APPROVED",
        True,
        "a definition of the chaincode was committed that the institution did not approve",
        "look at what it says; approve the same definition if it was agreed, and accept the finding",
    ),
    Kind(
        "CHAINCODE_CHANGED",
        False,
        "a new definition of the chaincode with other rules, which the institution approved",
        "nothing, if the approval was meant",
    ),
    Kind("MEMBER_JOINED", True, "an institution joined the channel", _AGREED),
    Kind("MEMBER_LEFT", True, "an institution was removed from the channel", _AGREED),
    Kind("MEMBER_ALIAS", True, "two groups of the channel have one MSP ID, or share a root certificate", _STOP),
    Kind(
        "IDENTITY_CHANGED",
        True,
        "what makes a certificate an institution's has changed, or is not what the institution pinned",
        "for another institution: ask it, by another way than the channel; for one's own: treat it as an attack",
    ),
    Kind("POLICY_CHANGED", True, "a policy of the channel, an ACL, or who may change something, has changed", _AGREED),
    Kind("CAPABILITIES_CHANGED", True, "the capabilities of the channel have changed", _AGREED),
    Kind("ORDERING_CHANGED", True, "the ordering service, or who takes part in it, has changed", _AGREED),
    Kind("CONFIG_CHANGED", False, "something in the configuration changed that no seal hangs on", "nothing"),
    Kind(
        "LEDGERS_DIFFER",
        True,
        "another institution's peer has another block, signed by an orderer, at the same height",
        _STOP,
    ),
    Kind(
        "STATES_DIFFER",
        True,
        "most of the other institutions' peers judged the transactions of the same block otherwise",
        "compare the peers' versions and logs; if they have judged the same blocks otherwise, treat it as an attack",
    ),
    Kind(
        "SHUT_OUT",
        True,
        "one's own peer, or most of the others', no longer lets the institution read the channel",
        "ask the other institutions whether it was removed, or its certificates replaced",
    ),
    Kind(
        "PEER_DISAGREES",
        False,
        "another institution's peer shows something else, and cannot prove it",
        "ask that institution; the others' peers agree with one's own",
    ),
)

KINDS = {kind.code: kind for kind in _KINDS}


@dataclass(frozen=True)
class Finding:
    """One thing that was found. `block` is None where it is about no single block; `about` is the key, path or
    institution that it is about.
    """

    code: str
    sentence: str
    block: int | None = None
    transaction: str = ""
    about: str = ""

    @property
    def id(self) -> str:
        """The same for the same finding, whenever it is found."""
        told = "\0".join((self.code, str(self.block), self.transaction, self.about))
        return sha256(told.encode()).hexdigest()[:12]

    @property
    def kind(self) -> Kind:
        """Its kind."""
        return KINDS[self.code]

    @property
    def closes(self) -> bool:
        """Whether it closes the institution's decisions."""
        return self.kind.closes

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {"id": self.id, **asdict(self), "closes": self.closes}

    @classmethod
    def from_json(cls, told: Any) -> Self:
        """Out of `to_json`.

        Raises:
            ValueError: It is no finding, or has a code that is not known here.
        """
        if not isinstance(told, dict) or told.get("code") not in KINDS:
            raise ValueError(f"this is not a finding: {told!r:.100}")
        block = told.get("block")
        return cls(
            str(told["code"]),
            str(told.get("sentence", "")),
            block if isinstance(block, int) else None,
            str(told.get("transaction", "")),
            str(told.get("about", "")),
        )


def listed(names: Iterable[str]) -> str:
    """Names in a sentence: sorted, each once, not more than eight of them; `nobody` for none."""
    found = sorted(set(names))
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return (", ".join(found[:_MOST]) or "nobody") + more
