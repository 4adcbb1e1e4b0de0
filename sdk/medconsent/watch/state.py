"""What is carried from block to block: enough to go on from a checkpoint without the blocks before."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b, sha256

from medconsent.fabric.channel_config import ChannelConfig

_REMOVED = 1 << 63
_SECRET_BYTES = 32


class Guards:
    """The public keys whose key-level policy needs the institution's peer, each as 63 bits of a keyed hash.

    The hash's key is the watcher's own secret: with a hash that anybody can compute, somebody could search for a key
    that is taken for a guarded one, and close decisions by writing it.

    What changes is also kept as `pending`, for the file that a checkpoint appends it to: eight bytes a change, the
    highest bit for a removal.
    """

    def __init__(self, log: bytes = b"", secret: bytes = b"") -> None:
        """`secret` is what the log was written with; a new one for a new log."""
        self.secret = secret or secrets.token_bytes(_SECRET_BYTES)
        self._keys: set[int] = set()
        self.pending = bytearray()
        for start in range(0, len(log) - 7, 8):
            number = int.from_bytes(log[start : start + 8], "big")
            if number & _REMOVED:
                self._keys.discard(number ^ _REMOVED)
            else:
                self._keys.add(number)

    def __contains__(self, key: str) -> bool:
        return self._number(key) in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: str) -> None:
        """The key is guarded from now on."""
        number = self._number(key)
        if number not in self._keys:
            self._keys.add(number)
            self.pending += number.to_bytes(8, "big")

    def remove(self, key: str) -> None:
        """It is not any more: deleted, or another's."""
        number = self._number(key)
        if number in self._keys:
            self._keys.discard(number)
            self.pending += (number | _REMOVED).to_bytes(8, "big")

    def _number(self, key: str) -> int:
        return int.from_bytes(blake2b(key.encode(), digest_size=8, key=self.secret).digest(), "big") >> 1


@dataclass
class State:
    """Where the watcher stands.

    Attributes:
        next: Number of the next block.
        last_hash: Hash of the block before; empty when it is not known.
        config: The configuration in force; None before the first block.
        approvals: What the institution approved of chaincode definitions: value hash by key hash, hex.
        definition: The committed definition of the chaincode: each field's bytes.
        guards: The keys that the institution's policy protects.
    """

    next: int = 0
    last_hash: bytes = b""
    config: ChannelConfig | None = None
    approvals: dict[str, str] = field(default_factory=dict)
    definition: dict[str, bytes] = field(default_factory=dict)
    guards: Guards = field(default_factory=Guards)


def hashes_of(keys: Iterable[str]) -> dict[bytes, str]:
    """The keys by the hash that a private data collection shows of them."""
    return {sha256(key.encode()).digest(): key for key in keys}
