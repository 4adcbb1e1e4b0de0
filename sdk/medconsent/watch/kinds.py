"""The kinds of finding: one table of what each means, what it closes and why, and what somebody should do.

A code is never renamed and never changes its meaning. docs/watcher.md has this table.
"""

from dataclasses import dataclass
from typing import Literal

# What a kind closes: always the whole ledger; the institutions that a finding names, or the whole ledger when it is
# about what all share; only ever the institutions that it names; nothing.
Closes = Literal["the ledger", "by place", "institutions", "nothing"]


@dataclass(frozen=True)
class Kind:
    """A kind of finding: what it means, what it closes and why, and what somebody should do."""

    code: str
    closes: Closes
    meaning: str
    why: str
    advice: str


_STOP = "treat it as an attack: keep decisions closed, tell the other institutions and the auditor, keep the blocks"
_AGREED = "ask the operators whether it was agreed; if so, accept it"
_BENT = "an honest peer takes no such transaction: the rules it validates by were bent, and no seal can be relied on"
_ALL_SIGN = "all institutions have to sign it: if it was not agreed, the rules of the channel were bent"
_OWN_GROUP = "each institution's administrator changes its own group alone; elsewhere all have to sign"

_KINDS = (
    Kind(
        "CHAIN_BROKEN",
        "the ledger",
        "a block does not follow from the one before, or is not what its header says",
        "nobody but the ordering service and one's own peer makes blocks",
        _STOP,
    ),
    Kind(
        "BLOCK_UNSIGNED",
        "the ledger",
        "a block carries no valid signature of an orderer of the channel",
        "nobody but the ordering service and one's own peer makes blocks",
        _STOP,
    ),
    Kind(
        "UNREADABLE",
        "institutions",
        "something in a valid transaction, or in one institution's part of the configuration, cannot be read here",
        "what it holds is unknown, and whoever made it could make it so: it closes what rests on that institution",
        "keep the block, ask the institution that made it, and accept it when it is known what it holds",
    ),
    Kind(
        "SEAL_FORGED",
        "the ledger",
        "a valid transaction writes the institution's seals without its peer's endorsement",
        _BENT,
        _STOP,
    ),
    Kind(
        "ENDORSEMENT_FORGED",
        "the ledger",
        "a valid transaction writes the institution's seals with an endorsement in its name that is not its peer's",
        _BENT,
        _STOP,
    ),
    Kind(
        "KEY_SPOILED",
        "the ledger",
        "a valid transaction changes or deletes a key that the institution guards, without its endorsement",
        _BENT,
        _STOP,
    ),
    Kind(
        "CREATOR_FORGED",
        "the ledger",
        "a valid transaction was made in the institution's name with a certificate that its CA did not issue",
        _BENT,
        _STOP,
    ),
    Kind(
        "UNSEALED_RECORD",
        "nothing",
        "a record in the institution's name without its seal: it is read as forged, and counts for nothing",
        "any two institutions can write one at any time, and nobody believes it",
        "nothing has to be done here; its endorsers run other chaincode than ours: ask them",
    ),
    Kind(
        "LEGACY_CHAINCODE",
        "the ledger",
        "the legacy lifecycle (lscc) was written to: key-level policies and seals may no longer be looked at",
        "only a channel whose capabilities were lowered takes it",
        _STOP,
    ),
    Kind(
        "CHAINCODE_NOT_APPROVED",
        "the ledger",
        "a definition of the chaincode with other rules was committed that the institution did not approve",
        "it changes what every record has to be endorsed by",
        "look at what it says; approve the same definition if it was agreed, and accept the finding",
    ),
    Kind(
        "CHAINCODE_WAITS",
        "nothing",
        "a definition of the chaincode was committed that the institution has not approved yet: its peer runs none",
        "the others may raise the number at any time; one's own peer answers nothing anyway until it is approved",
        "ask the operators whether it was agreed; then approve it with the command that the finding names",
    ),
    Kind(
        "CHAINCODE_CHANGED",
        "nothing",
        "a new definition of the chaincode with other rules, which the institution approved",
        "the institution approved it",
        "nothing, if the approval was meant",
    ),
    Kind("MEMBER_JOINED", "the ledger", "an institution joined the channel", _ALL_SIGN, _AGREED),
    Kind("MEMBER_LEFT", "the ledger", "an institution was removed from the channel", _ALL_SIGN, _AGREED),
    Kind(
        "MEMBER_ALIAS",
        "by place",
        "two groups of the channel have one MSP ID, or share a root certificate",
        "one MSP ID twice is the ledger: either group's rules may count; a root that an institution takes up gives "
        "its own name away, and nobody else's",
        _STOP,
    ),
    Kind(
        "IDENTITY_CHANGED",
        "by place",
        "what makes a certificate an institution's has changed, or is not what the institution pinned",
        "an institution's administrator changes that alone, and it says who speaks for that institution; that one's "
        "own roots are not the pinned ones is the ledger",
        "for another institution: ask it, by another way than the channel; for one's own: treat it as an attack",
    ),
    Kind(
        "POLICY_CHANGED",
        "by place",
        "a policy of the channel, an ACL, or who may change something, has changed",
        _OWN_GROUP,
        _AGREED,
    ),
    Kind("CAPABILITIES_CHANGED", "the ledger", "the capabilities of the channel have changed", _ALL_SIGN, _AGREED),
    Kind(
        "ORDERING_CHANGED",
        "by place",
        "the ordering service, or who takes part in it, has changed",
        _OWN_GROUP,
        _AGREED,
    ),
    Kind(
        "CONFIG_CHANGED",
        "nothing",
        "something in the configuration changed that no seal hangs on",
        "an institution's addresses, TLS roots and revocation lists are its own affair",
        "nothing",
    ),
    Kind(
        "LEDGERS_DIFFER",
        "by place",
        "another institution's peer has another block, signed by an orderer, at the same height",
        "one institution's orderer and peer can make that up: it closes what rests on the institutions that show and "
        "signed it; the ledger when a quorum or one's own orderer signed it, or at least two, and most, show it",
        _STOP,
    ),
    Kind(
        "STATES_DIFFER",
        "the ledger",
        "at least two, and most, of the other institutions' peers judged the transactions of the same block otherwise",
        "no single institution can say it",
        "compare the peers' versions and logs; if they have judged the same blocks otherwise, treat it as an attack",
    ),
    Kind(
        "SHUT_OUT",
        "the ledger",
        "one's own peer, or at least two and most of the others', no longer lets the institution read the channel",
        "no single other institution can say it",
        "ask the other institutions whether it was removed, or its certificates replaced",
    ),
    Kind(
        "PEER_DISAGREES",
        "nothing",
        "another institution's peer shows something else, and cannot prove it",
        "one peer can say anything",
        "ask that institution; the others' peers agree with one's own",
    ),
)

KINDS = {kind.code: kind for kind in _KINDS}
