"""The block files of Fabric's peers and orderers: read, and looked at whether each block names the one before it.

A file is a row of blocks, each with its length before it (in Fabric `common/ledger/blkstorage`:
`block_serialization.go` and `blockfile_mgr.go`, 2.5 and 3.1 alike). The last block may be cut: then the node was about
to write it, and a node that starts removes it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from medconsent.fabric.ledger_blocks import LedgerBlock

FILE = re.compile(r"(?P<node>peer|orderer)/data/.*chains/(?P<channel>[^/]+)/blockfile_\d{6}")
"""Where a block file stands in a home."""

_LONGEST_VARINT = 10
_MOST_BYTES = 1 << 30


class NotAChainError(Exception):
    """Something in the block files is not as Fabric writes it."""


@dataclass
class Chain:
    """The blocks of one node, as far as they were read.

    Attributes:
        height: How many there are.
        tip: The hash of the last one.
    """

    height: int = 0
    tip: bytes = b""
    _cut: bool = field(default=False, repr=False)

    def add(self, file: BinaryIO) -> None:
        """Read the next file.

        Raises:
            NotAChainError: A block does not name the one before it, or holds other transactions than its header says.
        """
        for data in _frames(file):
            if data is None:
                self._cut = True
                return
            if self._cut:
                raise NotAChainError(f"after block {self.height - 1} something is missing")
            self._append(_block(data))

    def _append(self, block: LedgerBlock) -> None:
        if block.number != self.height:
            raise NotAChainError(f"after {self.height} blocks there is block {block.number}")
        if self.height and block.previous_hash != self.tip:
            raise NotAChainError(f"block {block.number} does not name the block before it")
        if block.computed_data_hash() != block.data_hash:
            raise NotAChainError(f"block {block.number} holds other transactions than its header says")
        self.height, self.tip = self.height + 1, block.hash


def _frames(file: BinaryIO) -> Iterator[bytes | None]:
    """What stands after each length; None where the file is cut."""
    while True:
        length, read = 0, 0
        while True:
            byte = file.read(1)
            if not byte:
                if read:
                    yield None
                return
            length |= (byte[0] & 0x7F) << (7 * read)
            read += 1
            if byte[0] < 0x80:
                break
            if read == _LONGEST_VARINT:
                raise NotAChainError("a length is none")
        if length > _MOST_BYTES:
            raise NotAChainError(f"a block would have {length} bytes")
        data = file.read(length)
        if len(data) < length:
            yield None
            return
        yield data


def _block(data: bytes) -> LedgerBlock:
    reader = _Reader(data)
    number, data_hash, previous = reader.varint(), reader.octets(), reader.octets()
    envelopes = tuple(reader.octets() for _ in range(reader.varint()))
    metadata = tuple(reader.octets() for _ in range(reader.varint()))
    return LedgerBlock(number, previous, data_hash, envelopes, metadata)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def varint(self) -> int:
        value = 0
        for place in range(_LONGEST_VARINT):
            if self._at >= len(self._data):
                break
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:
                return value
        raise NotAChainError("a block cannot be read")

    def octets(self) -> bytes:
        length = self.varint()
        found = self._data[self._at : self._at + length]
        if len(found) < length:
            raise NotAChainError("a block cannot be read")
        self._at += length
        return found
