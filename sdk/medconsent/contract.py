"""The contract as its program describes it: `contract.json`, which is written from the contract's own tables.

What a client offers as a choice comes from here, so that nothing of it is typed twice. The chaincode's
tests hold the file against the tables.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("contract.json")


@cache
def document() -> dict[str, Any]:
    """The whole description; read once."""
    found: dict[str, Any] = json.loads(PATH.read_bytes())
    return found


def words(name: str) -> tuple[str, ...]:
    """A closed list of the contract's words, in the contract's order.

    Args:
        name: as in `roles`, `committee_roles`, `purpose_kinds`, `modes`, `organisations`, `sensitive`, `remark_kinds`.
    """
    return tuple(document()["words"][name])


def states(machine: str, *, final: bool | None = None) -> tuple[str, ...]:
    """The states of a kind of record, in the order of its life.

    Args:
        machine: `request`, `grant`, `seat`, `delegation` or `breakglass`.
        final: only those that nothing follows, or only the others. Default: all.
    """
    (found,) = (one for one in document()["machines"] if one["name"] == machine)
    return tuple(one["state"] for one in found["states"] if final is None or one["final"] is final)
