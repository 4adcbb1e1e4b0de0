"""One's own ledger against the other institutions' peers, as far as they can be reached.

Where they are is what the channel says (anchor peers, TLS roots); one that does not answer is no finding. A block that
differs and carries an orderer's signature proves that the ledger was split. What carries no signature (how the
transactions were judged, or that a peer turns the institution away) one peer alone could make up: it closes only when
more than half of those that answered say so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from medconsent.fabric.channel_config import ChannelConfig
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.watch import chain
from medconsent.watch.findings import Finding, listed

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


def compare(own: Mapping[int, Seen], config: ChannelConfig, answers: Iterable[Answer]) -> Iterator[Finding]:
    """The findings; `own` are the newest blocks of one's own peer by number."""
    heard = [answer for answer in answers if answer.refusal != "unreached"]
    judged_otherwise: list[tuple[Answer, str]] = []
    for answer in heard:
        block = answer.block
        if block is None or block.number not in own:
            continue
        ours = own[block.number]
        if block.hash != ours.hash:
            yield _other_block(answer.institution, block, ours, config)
        elif what := _judged(ours, block):
            judged_otherwise.append((answer, what))
    yield from _by_many("STATES_DIFFER", judged_otherwise, len(heard))
    shut_out = [(one, "turns this institution away: FORBIDDEN") for one in heard if one.refusal == "shut out"]
    yield from _by_many("SHUT_OUT", shut_out, len(heard))


def _other_block(institution: str, block: LedgerBlock, ours: Seen, config: ChannelConfig) -> Finding:
    what = (
        f"the peer of {institution} has block {block.number} with the hash {block.hash.hex()}, ours {ours.hash.hex()}"
    )
    about = f"{institution} {block.hash.hex()}"
    genuine = block.computed_data_hash() == block.data_hash and not list(chain.unsigned(config, block))
    if genuine:
        return Finding("LEDGERS_DIFFER", f"{what}; the ordering service signed both", block.number, about=about)
    return Finding("PEER_DISAGREES", f"{what}, which no orderer signed", block.number, about=about)


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
    """One finding that closes when most say it; otherwise one a peer that does not."""
    if not said:
        return
    number = next((answer.block.number for answer, _ in said if answer.block is not None), None)
    if 2 * len(said) > heard:
        who = listed(answer.institution for answer, _ in said)
        whose = f"the peer of {who}" if len(said) == 1 else f"the peers of {who}"
        yield Finding(code, f"{whose}: {said[0][1]}", number, about=who)
        return
    for answer, what in said:
        yield Finding("PEER_DISAGREES", f"the peer of {answer.institution}: {what}", number, about=answer.institution)
