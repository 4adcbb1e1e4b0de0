"""Whether a block follows from the one before, is what its header says, and was made by the ordering service."""

from collections.abc import Iterator

from medconsent._internal.words import counted
from medconsent.fabric.channel_config import ORDERER, ChannelConfig
from medconsent.fabric.errors import BlockError
from medconsent.fabric.ledger_blocks import BlockSignature, LedgerBlock
from medconsent.watch.findings import Finding
from medconsent.watch.state import State

_BFT = "BFT"


def broken(state: State, block: LedgerBlock) -> Iterator[Finding]:
    """Number, previous hash and data hash.

    Args:
        state: What is known of the chain so far: the number that comes next, and the last header's hash.
        block: The block that came.
    """

    def found(about: str, sentence: str) -> Finding:
        return Finding("CHAIN_BROKEN", f"block {block.number}: {sentence}", block.number, about=about)

    if block.number != state.next:
        yield found("number", f"block {state.next} was to come next")
    elif state.last_hash and block.previous_hash != state.last_hash:
        yield found(
            "previous hash",
            f"it names {block.previous_hash.hex()} as the hash of the block before, which is {state.last_hash.hex()}",
        )
    if block.computed_data_hash() != block.data_hash:
        yield found("data hash", "its transactions are not those that its header was made for")


def unsigned(config: ChannelConfig, block: LedgerBlock) -> Iterator[Finding]:
    """Nothing when the ordering service signed the block: one orderer (Raft), or a quorum of the consenters (BFT).

    The first block is signed by nobody; it is pinned by whoever runs the watcher.

    Args:
        config: The configuration in force at the block.
        block: The block, whose metadata holds the signatures.
    """
    if block.number == 0:
        return
    try:
        value, signatures = block.signatures()
    except BlockError as error:
        yield Finding("BLOCK_UNSIGNED", f"block {block.number}: {error}", block.number)
        return
    wanted = 1
    if config.ordering == _BFT:
        signers: set[object] = {one.consenter for one in signatures if _signed_by_consenter(config, value, one, block)}
        wanted = quorum(len(config.consenters))
    elif institution := next(_institutions(config, value, signatures, block), ""):
        signers = {institution}
    else:
        signers = set()
    if len(signers) < wanted:
        needs = "an orderer of the channel" if wanted == 1 else f"{wanted} of {len(config.consenters)} consenters"
        has = counted(len(signers), "valid signature")
        sentence = f"block {block.number} has {has} of the ordering service and needs {needs}"
        yield Finding("BLOCK_UNSIGNED", sentence, block.number)


def signers(config: ChannelConfig, block: LedgerBlock) -> frozenset[str] | None:
    """The institutions (MSP IDs) whose orderers signed a block, one of which is enough with Raft; None with BFT
    ordering, where a quorum has to.

    The arguments are those of `unsigned`.
    """
    if config.ordering == _BFT:
        return None
    try:
        value, signatures = block.signatures()
    except BlockError:
        return frozenset()
    return frozenset(_institutions(config, value, signatures, block))


def quorum(consenters: int) -> int:
    """How many of so many BFT consenters sign a block (SmartBFT: the smallest number of which two sets meet in an
    honest one).
    """
    faulty = (consenters - 1) // 3
    return (consenters + faulty + 2) // 2


def _institutions(
    config: ChannelConfig, value: bytes, signatures: list[BlockSignature], block: LedgerBlock
) -> Iterator[str]:
    """Whose orderers signed, one a signature that is valid."""
    authorities = config.authorities(ORDERER)
    for signature in signatures:
        message = value + signature.header + block.header_bytes
        for authority in authorities:
            member = authority.member(signature.creator)
            if member is not None and "orderer" in member.units and member.signed(message, signature.signature):
                yield authority.msp_id


def _signed_by_consenter(config: ChannelConfig, value: bytes, signature: BlockSignature, block: LedgerBlock) -> bool:
    message = value + signature.header + block.header_bytes
    for consenter in config.consenters:
        if consenter.number == signature.consenter:
            for authority in config.authorities(ORDERER):
                member = authority.member(consenter.identity)
                if member is not None and member.signed(message, signature.signature):
                    return True
    return False
