"""The contract as its program describes it: `contract.json`, which is written from the contract's own tables.

What a client offers as a choice, and whom it asks to endorse a change, comes from here, so that nothing of it is typed
twice. The chaincode's tests hold the file against the tables.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("contract.json")


@cache
def document() -> dict[str, Any]:
    """The whole description; read once."""
    found: dict[str, Any] = json.loads(PATH.read_bytes())
    return found


@cache
def digest() -> str:
    """The SHA-256 of the file in lower-case hex, as the chaincode answers it in `contract.version`.

    Returns:
        64 hex digits. Another answer of the chaincode means that it is another contract than the one that this SDK
        was made for.
    """
    return hashlib.sha256(PATH.read_bytes()).hexdigest()


def words(name: str) -> tuple[str, ...]:
    """A closed list of the contract's words, in the contract's order.

    Args:
        name: A key of `words` in the description, as `roles`, `modes` or `purpose_kinds`.
    """
    return tuple(document()["words"][name])


def states(machine: str, *, final: bool | None = None) -> tuple[str, ...]:
    """The states of a kind of record, in the order of its life.

    Args:
        machine: `request`, `grant`, `seat`, `delegation` or `breakglass`.
        final: Only those that nothing follows, or only the others. Default: all.
    """
    (found,) = (one for one in document()["machines"] if one["name"] == machine)
    return tuple(one["state"] for one in found["states"] if final is None or one["final"] is final)


def choices(function: str, member: str) -> tuple[str, ...]:
    """The words of which an argument's member is one, in the contract's order.

    Args:
        function: A transaction's exact name (`proposal.list`).
        member: Its argument's member (`state`).

    Raises:
        KeyError: There is none, or any text may stand there.
    """
    return tuple(document()["transactions"][function]["argument"]["properties"][member]["enum"])


def trail_kinds() -> tuple[str, ...]:
    """The types of record that stand in the trail of a dataset; votes follow the request that they are on."""
    return (*(one["type"] for one in document()["records"] if one["in_trail"]), "vote")


@dataclass(frozen=True)
class Terms:
    """Who has to endorse one transaction, and who would rather not.

    `alone` is whether those who seal it are enough; otherwise a majority of the institutions has to endorse it too.
    `alone_when` says with which words of the argument they are, when they are not always.
    `waits` is whether it waits for a second officer when it widens something.
    """

    function: str
    sealed_by: tuple[Mapping[str, Any], ...]
    avoid: tuple[Mapping[str, Any], ...]
    alone: bool
    alone_when: Mapping[str, Any] | None = None
    waits: bool = False

    def is_alone(self, argument: Mapping[str, Any]) -> bool:
        """Whether those who seal it are enough for this argument."""
        return self.alone or (self.alone_when is not None and _holds(self.alone_when, argument, automatic=False))

    def sealers(self, argument: Mapping[str, Any], parties: Mapping[str, str], *, automatic: bool) -> tuple[str, ...]:
        """The institutions that must be among the endorsers.

        Args:
            argument: What the transaction is called with.
            parties: The institutions that the argument does not name, by what they are: `caller`, `owner`, `requester`.
            automatic: Whether the policy in force approves by itself what it permits.

        Returns:
            Their names, each once.

        Raises:
            KeyError: A party is neither given nor named by the argument.
        """
        asked = (seal for seal in self.sealed_by if _holds(seal.get("when"), argument, automatic))
        return tuple(dict.fromkeys(_institution(seal, argument, parties) for seal in asked))

    def avoided(self, argument: Mapping[str, Any], parties: Mapping[str, str]) -> tuple[str, ...]:
        """The institutions that gain when the transaction fails.

        Args:
            argument: What the transaction is called with.
            parties: As for `sealers`.

        Returns:
            Their names.

        Raises:
            KeyError: A party is neither given nor named by the argument.
        """
        return tuple(_institution(seal, argument, parties) for seal in self.avoid)


@cache
def terms(function: str) -> Terms:
    """The terms of a transaction that writes.

    Args:
        function: Its exact name (`grant.revoke`).

    Returns:
        Who has to endorse it.

    Raises:
        KeyError: The contract has no such transaction.
    """
    entry = document()["transactions"][function]
    return Terms(
        function,
        tuple(entry.get("sealed_by", ())),
        tuple(entry.get("avoid", ())),
        bool(entry.get("alone", False)),
        entry.get("alone_when"),
        bool(entry.get("waits", False)),
    )


def _holds(when: Mapping[str, Any] | None, argument: Mapping[str, Any], automatic: bool) -> bool:
    if when is None:
        return True
    if "member" in when:
        return argument.get(when["member"]) in when["is"]
    return automatic


def _institution(seal: Mapping[str, Any], argument: Mapping[str, Any], parties: Mapping[str, str]) -> str:
    """The institution that a seal speaks of: given, or in the name of the argument's dataset."""
    if seal["by"] == "owner" and seal["of"] == "dataset":
        return str(argument["dataset"]).partition("/")[0]
    return parties[seal["by"]]
