"""What the institutions of a consortium agree on beforehand: everything in their files that goes into the channel."""

from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from medconsent_network.errors import NetworkError
from medconsent_network.spec import Spec, parse

_MOST_INSTITUTIONS = 100


def of(spec: Spec, quorum: int | str) -> dict[str, Any]:
    """The terms of a consortium file. Which orderers its own peers use, and whether it watches, each decides alone.

    Args:
        spec: The consortium.
        quorum: How many admins change the membership: `all`, or a number.
    """
    ordering = {name: value for name, value in spec.ordering.to_mapping().items() if name != "peers_use"}
    return {
        "channel": spec.channel,
        "chaincode": spec.chaincode.to_mapping(),
        "ordering": ordering,
        "membership": {"quorum": quorum},
    }


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Where two institutions' terms differ, each as `ordering.batch_timeout: '200ms' here, '1s' there`.

    Args:
        ours: This institution's terms, as `of` gives them.
        theirs: Another's.
    """
    flat, others = dict(_flat("", ours)), dict(_flat("", theirs))
    return [
        f"{key}: {flat.get(key, 'nothing')!r} here, {others.get(key, 'nothing')!r} there"
        for key in sorted(flat.keys() | others.keys())
        if flat.get(key) != others.get(key)
    ]


def readable(theirs: Mapping[str, Any]) -> bool:
    """Whether somebody's terms have the form of some: keys, and keys with values below them."""
    inner = [value for one in theirs.values() for value in (one.values() if isinstance(one, dict) else (one,))]
    return all(isinstance(value, str | int | float | bool) for value in inner)


def read_own(path: Path) -> tuple[Spec, int | Literal["all"]]:
    """An institution's own file: a consortium file with that institution alone.

    Returns:
        The consortium as far as it is known, and the quorum for changes of the membership, which cannot be checked
        against the number of institutions yet.

    Raises:
        NetworkError: CONSORTIUM_INVALID with a sentence that names the key at fault.
    """
    try:
        text = path.read_text(encoding="utf-8")
        document = YAML(typ="safe", pure=True).load(text)
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise NetworkError("CONSORTIUM_INVALID", f"cannot read {path}: {error}") from error
    quorum: int | Literal["all"] = "all"
    membership = document.get("membership") if isinstance(document, dict) else None
    if isinstance(membership, dict) and membership.get("quorum", "all") != "all":
        found = membership["quorum"]
        if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= _MOST_INSTITUTIONS:
            raise NetworkError("CONSORTIUM_INVALID", f"{path}: membership.quorum must be all or a number")
        quorum = found
        membership["quorum"] = "all"  # until it is known how many there are
    spec = parse(_dumped(document), str(path))
    if len(spec.institutions) != 1:
        raise NetworkError(
            "CONSORTIUM_INVALID",
            f"{path}: institutions must have one entry, your own, and has {len(spec.institutions)}",
            "The others come with their bundles. All institutions on one machine: `medconsent-network up`.",
        )
    return spec, quorum


def _dumped(document: Any) -> str:
    out = StringIO()
    YAML(typ="safe", pure=True).dump(document, out)
    return out.getvalue()


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), inner)
    else:
        yield prefix, value
