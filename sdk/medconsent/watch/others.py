"""One's own ledger against the other institutions' peers, as far as they can be reached.

Where they are is what the channel says (anchor peers, TLS roots); one that does not answer is no finding.

One institution must not be able to close another's decisions, and an institution has a peer and an orderer. So another
block that only one peer shows, signed by an orderer of its own, closes what rests on that institution: it can make that
up. It closes everything when one's own orderer or a quorum of BFT consenters signed it. What carries no signature (how
the transactions were judged, or that a peer turns the institution away) counts only when at least two institutions, and
more than half of those that answered, say so; else it is told.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from medconsent.fabric.channel_config import ChannelConfig
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.watch import chain
from medconsent.watch.findings import Finding, listed
from medconsent.watch.scope import Scope

Refusal = Literal["", "shut out", "unreached"]


@dataclass(frozen=True)
class Answer:
    """What one peer of another institution said: a block that one's own peer has too, or nothing."""

    institution: str
    block: LedgerBlock | None = None
    refusal: Refusal = ""


@dataclass(frozen=True)
class Seen:
    """What one's own peer has at a height."""

    hash: bytes
    flags: bytes
    commit_hash: bytes

    @classmethod
    def of(cls, block: LedgerBlock) -> "Seen":
        """Of a block of one's own peer."""
        return cls(block.hash, block.flags, block.commit_hash)


def compare(own: Mapping[int, Seen], config: ChannelConfig, answers: Iterable[Answer], us: str) -> Iterator[Finding]:
    """The findings.

    Args:
        own: The newest blocks of one's own peer, by number.
        config: The configuration in force.
        answers: What the others' peers said.
        us: One's own institution.
    """
    heard = [answer for answer in answers if answer.refusal != "unreached"]
    judged_otherwise: list[tuple[Answer, str]] = []
    other_blocks: list[tuple[str, LedgerBlock]] = []
    for answer in heard:
        block = answer.block
        if block is None or block.number not in own:
            continue
        ours = own[block.number]
        if block.hash != ours.hash:
            other_blocks.append((answer.institution, block))
        elif what := _judged(ours, block):
            judged_otherwise.append((answer, what))
    for institution, block in other_blocks:
        many = _are_many(sum(other.hash == block.hash for _, other in other_blocks), len(heard))
        yield _other_block(institution, block, own[block.number], config, us, many=many)
    yield from _by_many("STATES_DIFFER", judged_otherwise, len(heard))
    shut_out = [(one, "turns this institution away: FORBIDDEN") for one in heard if one.refusal == "shut out"]
    yield from _by_many("SHUT_OUT", shut_out, len(heard))


def _are_many(said: int, heard: int) -> bool:
    return said > 1 and 2 * said > heard


def _other_block(
    institution: str, block: LedgerBlock, ours: Seen, config: ChannelConfig, us: str, *, many: bool
) -> Finding:
    what = (
        f"the peer of {institution} has block {block.number} with the hash {block.hash.hex()}, ours {ours.hash.hex()}"
    )
    if block.computed_data_hash() != block.data_hash or list(chain.unsigned(config, block)):
        # Without the hash: it could show another whenever it is asked, and each would be a finding.
        return Finding("PEER_DISAGREES", f"{what}, which no orderer signed", block.number, about=institution)
    about = f"{institution} {block.hash.hex()}"
    signers = chain.signers(config, block)
    if signers is None or us in signers or many:
        return Finding("LEDGERS_DIFFER", f"{what}; the ordering service signed both", block.number, about=about)
    sentence = f"{what}, signed by the orderer of {listed(signers)}"
    return Finding("LEDGERS_DIFFER", sentence, block.number, about=about, within=Scope.of([institution, *signers]))


def _judged(ours: Seen, block: LedgerBlock) -> str:
    if block.flags != ours.flags:
        different = [
            index for index, pair in enumerate(zip(ours.flags, block.flags, strict=False)) if len(set(pair)) > 1
        ]
        return f"judged transactions {different} of block {block.number} otherwise"
    if block.commit_hash and ours.commit_hash and block.commit_hash != ours.commit_hash:
        return f"has another state after block {block.number} (commit hash)"
    return ""


def _by_many(code: str, said: list[tuple[Answer, str]], heard: int) -> Iterator[Finding]:
    """One finding that closes when at least two and most say it; otherwise one a peer that does not."""
    if not said:
        return
    number = next((answer.block.number for answer, _ in said if answer.block is not None), None)
    if _are_many(len(said), heard):
        who = listed(answer.institution for answer, _ in said)
        whose = f"the peer of {who}" if len(said) == 1 else f"the peers of {who}"
        yield Finding(code, f"{whose}: {said[0][1]}", number, about=who)
        return
    for answer, what in said:
        yield Finding("PEER_DISAGREES", f"the peer of {answer.institution}: {what}", number, about=answer.institution)
