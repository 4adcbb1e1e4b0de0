"""The part of the consortium file about the ordering service: what all types share, and the options of each type.

A further type is an entry in `_OPTIONS` here and a module in `medconsent_network.ordering`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from medconsent_network.spec.reading import integer, invalid, mapping, text

PeersUse = Literal["own", "any"]

_DURATION = re.compile(r"[1-9][0-9]*(ms|s)")


@dataclass(frozen=True)
class RaftOptions:
    """Raft's clock.

    Attributes:
        tick: The heartbeat interval, a Go duration ("100ms").
        election_ticks: A new leader is sought after so many heartbeats missed.
    """

    tick: str = "100ms"
    election_ticks: int = 10


@dataclass(frozen=True)
class Ordering:
    """The ordering service, one orderer an institution.

    Attributes:
        batch_timeout: A block is cut this long after its first transaction, a Go duration ("200ms").
        max_messages: Or when it holds so many transactions.
        peers_use: Whether peers take blocks from their own institution's orderer alone.
        options: Those of its type; which type it is follows from them.
    """

    batch_timeout: str = "200ms"
    max_messages: int = 500
    peers_use: PeersUse = "own"
    options: RaftOptions = RaftOptions()

    @property
    def type(self) -> str:
        """The type as the file names it, such as `raft`."""
        return next(name for name, (options, _) in _OPTIONS.items() if isinstance(self.options, options))

    def to_mapping(self) -> dict[str, Any]:
        """As it stands in the file."""
        shared = {"batch_timeout": self.batch_timeout, "max_messages": self.max_messages, "peers_use": self.peers_use}
        return {"type": self.type, **shared, **asdict(self.options)}


def parse(value: Any) -> Ordering:
    """The value of the key `ordering`.

    Raises:
        NetworkError: CONSORTIUM_INVALID with a sentence that names the key at fault.
    """
    kind = value.get("type", "raft") if isinstance(value, dict) else "raft"
    if kind not in _OPTIONS:
        raise invalid("ordering.type", f"must be {' or '.join(_OPTIONS)}, not {kind!r}")
    options, read = _OPTIONS[kind]
    own = {field.name for field in fields(options)}
    keys = mapping(value, "ordering", {"type", "batch_timeout", "max_messages", "peers_use", *own})
    peers_use = keys.get("peers_use", Ordering.peers_use)
    if peers_use not in get_args(PeersUse):
        raise invalid("ordering.peers_use", f"must be own or any, not {peers_use!r}")
    return Ordering(
        batch_timeout=text(keys.get("batch_timeout", Ordering.batch_timeout), "ordering.batch_timeout", _DURATION, 16),
        max_messages=integer(keys.get("max_messages", Ordering.max_messages), "ordering.max_messages", 1, 10_000),
        peers_use=peers_use,
        options=read(keys),
    )


def _raft(keys: Mapping[str, Any]) -> RaftOptions:
    ticks = keys.get("election_ticks", RaftOptions.election_ticks)
    return RaftOptions(
        tick=text(keys.get("tick", RaftOptions.tick), "ordering.tick", _DURATION, 16),
        election_ticks=integer(ticks, "ordering.election_ticks", 2, 1000),
    )


_OPTIONS: dict[str, tuple[type[RaftOptions], Callable[[Mapping[str, Any]], RaftOptions]]] = {
    "raft": (RaftOptions, _raft),
}
