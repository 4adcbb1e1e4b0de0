"""An institution that takes back what it did: its own keys become what they were before, sealed by itself.

Nothing here knows what a record looks like. What a transaction wrote, and what stood there before, is read from the
blocks of the institution's own peer; it can do this with whatever the contract writes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from actors import CHAINCODE, CHANNEL, Actor, Outcome
from fabric_protos.common import common_pb2

from medconsent.fabric.ledger_blocks import LedgerBlock

_INDEX = "i/"


@dataclass
class Past:
    """What stood at each key of the contract, one transaction after the other, as a peer's blocks tell."""

    actor: Actor
    next: int = 0
    values: dict[str, list[tuple[str, bytes | None]]] = field(default_factory=dict)
    hashes: list[tuple[str, str, bytes]] = field(default_factory=list)
    """Transaction, institution and the hash of a key in that institution's collection."""

    def read(self) -> None:
        """Go on to the newest block that anybody of the scene has seen."""
        self.actor.seen.everywhere()
        height = self.actor.channel.height()
        for number in range(self.next, height):
            of_block = (CHANNEL.encode(), str(number).encode())
            answer = self.actor.channel.contract("qscc").evaluate(
                "GetBlockByNumber", *of_block, target_organizations=[self.actor.institution]
            )
            self._take(LedgerBlock.parse(answer))
        self.next = height

    def value(self, key: str) -> bytes:
        """What stands at a key now."""
        self.read()
        value = self.values[key][-1][1]
        assert value is not None
        return value

    def written(self, *transactions: str) -> list[str]:
        """The keys that transactions wrote."""
        self.read()
        return sorted(key for key, steps in self.values.items() if {tx for tx, _ in steps} & set(transactions))

    def before(self, key: str, *transactions: str) -> bytes | None:
        """What stood at a key before the first of some transactions; None for nothing."""
        self.read()
        standing = None
        for transaction, value in self.values.get(key, []):
            if transaction in transactions:
                break
            standing = value
        return standing

    def seals(self, institution: str, keys: Sequence[str], *transactions: str) -> list[str]:
        """The names of what transactions wrote anew to an institution's collection, for these keys. The ledger has only
        their hashes, and the institution knows how its chaincode calls them.
        """
        self.read()
        wrote = [(tx, digest) for tx, owner, digest in self.hashes if owner == institution]
        before = {digest for tx, digest in wrote if tx not in transactions}
        anew = {digest for tx, digest in wrote if tx in transactions} - before
        names = [f"{key}{mark}" for key in keys for mark in ("#end", *(f"#{number}" for number in range(1, 300)))]
        return [name for name in names if sha256(name.encode()).digest() in anew]

    def _take(self, block: LedgerBlock) -> None:
        for transaction in block.transactions():
            if not transaction.valid or transaction.type != common_pb2.ENDORSER_TRANSACTION:
                continue
            for action in transaction.actions():
                for namespace in action.namespaces:
                    if namespace.name == CHAINCODE:
                        for key, value in namespace.writes:
                            self.values.setdefault(key, []).append((transaction.id, value))
                        for collection, hashed in namespace.collections.items():
                            owner = collection.removeprefix("_implicit_org_")
                            self.hashes += [(transaction.id, owner, digest) for digest, _ in hashed]


@dataclass(frozen=True)
class Owner:
    """An institution that runs chaincode of its own and writes its own records anew: `client` is one of its people, and
    `witness` somebody of another institution, at that one's own peer.
    """

    client: Actor
    witness: Actor
    past: Past

    @classmethod
    def of(cls, client: Actor, witness: Actor) -> "Owner":
        return cls(client, witness, Past(client))

    def writes(self, *operations: dict[str, Any], beside: Sequence[str] = ()) -> Outcome:
        """Written with its own peer's endorsement, and that of accomplices when something new is among it."""
        endorsed = self.client.endorse("attack.write", list(operations), self.client.institution, *beside)
        self.client.send(endorsed)
        return self.witness.outcome(endorsed.transaction_id)

    def rewrites(self, key: str, value: bytes) -> Outcome:
        """Another value at a key of its own, with its seal."""
        return self.writes(*self.sealed(key, value))

    def sealed(self, key: str, value: bytes) -> tuple[dict[str, Any], ...]:
        """The operations that put a value and its seal."""
        put = {"do": "put", "key": key, "value": value.decode()}
        return put, put | {"do": "seal", "owner": self.client.institution}

    def takes_back(self, *transactions: str, posts: Sequence[str] = ()) -> None:
        """All that these transactions wrote of its own becomes what it was before: older bytes are put, what was new is
        deleted, with the seals and these `posts`. What Fabric refuses of it is left; the rest is done.
        """
        own = [key for key in self.past.written(*transactions) if not key.startswith(_INDEX) and self._own(key)]
        assert own or posts, f"nothing of {self.client.institution} was written in {transactions}"
        for name in posts:
            for way in ("unseal", "purge"):
                self.writes({"do": way, "key": name, "owner": self.client.institution})
            self.writes({"do": "post", "key": name, "value": "{}", "owner": self.client.institution})
        for name in self.past.seals(self.client.institution, own, *transactions):
            self.writes({"do": "unseal", "key": name, "owner": self.client.institution})
        for key in own:
            value = self.past.before(key, *transactions)
            put = [{"do": "delete", "key": key}] if value is None else list(self.sealed(key, value))
            if value is None:
                put.append({"do": "unseal", "key": key, "owner": self.client.institution})
            if self.writes(*put).code != "VALID":
                self.writes(put[0])

    def _own(self, key: str) -> bool:
        """Whether a record in the institution's name stood at a key."""
        for _, value in self.past.values[key]:
            try:
                record = json.loads(value or b"null")
            except ValueError:
                continue
            if isinstance(record, dict) and record.get("owner") == self.client.institution:
                return True
        return False


def canonical(record: dict[str, Any]) -> bytes:
    """RFC 8785 for what records are made of."""
    return json.dumps(record, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
