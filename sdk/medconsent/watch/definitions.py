"""Definitions of the chaincode: what the institution approved, and what was committed.

Fabric keeps an approval in the institution's implicit collection of the namespace `_lifecycle` and a committed
definition in its public state, field by field under the same serialization (`core/chaincode/lifecycle`). So the
hash of what was approved can be compared with what was committed, although the approval itself is private.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from google.protobuf.message import DecodeError

from medconsent.fabric import _protos as pb
from medconsent.fabric.channel_config import signature_words
from medconsent.fabric.decoding import decode
from medconsent.fabric.ledger_blocks import Namespace
from medconsent.watch.findings import Finding
from medconsent.watch.state import State
from medconsent.watch.transactions import Endorsed, Place

LIFECYCLE = "_lifecycle"
_APPROVED = ("EndorsementInfo", "ValidationInfo", "Collections")
# What decides about transactions; not the version.
_RULES = ("ValidationInfo", "Collections")
_SEQUENCE = "Sequence"


def approvals(namespace: Namespace, collection: str, endorsed: Endorsed, state: State) -> None:
    """Remember what the institution approved, as its peer endorsed it.

    Args:
        namespace: What a transaction wrote in `_lifecycle`.
        collection: The name of the institution's implicit collection.
        endorsed: Whether, and by whom, the transaction was endorsed; what its peer did not endorse is not remembered.
        state: What is known so far; the approvals in it are changed.
    """
    written = namespace.collections.get(collection, ())
    if written and endorsed:
        for key, value in written:
            if value is not None:
                state.approvals[key.hex()] = value.hex()


def committed(
    place: Place, namespace: Namespace, chaincode: str, collection: str, state: State, *, member: bool
) -> Iterator[Finding]:
    """A committed definition against what was approved. `member`: whether the institution was in the channel then.

    Args:
        place: The transaction, for what is told.
        namespace: What it wrote in `_lifecycle`.
        chaincode: The chaincode's name; definitions of others are not looked at.
        collection: The name of the institution's implicit collection.
        state: What is known so far; the definition in it is changed.
        member: Whether the institution was in the channel then.
    """
    prefix = f"namespaces/fields/{chaincode}/"
    fields = {
        key.removeprefix(prefix): value
        for key, value in namespace.writes
        if key.startswith(prefix) and value is not None
    }
    if not fields:
        return
    before = dict(state.definition)
    state.definition |= fields  # Fabric writes only the fields that changed
    sequence = _sequence(state.definition)
    words = f"definition {sequence} of {chaincode}: {describe(state.definition)}"
    about = f"{chaincode}#{sequence}"
    other_rules = any(name in fields and fields[name] != before.get(name) for name in _RULES)
    if not _is_approved(state, chaincode, sequence):
        if member:
            waits = f"{words}, was committed, and this institution has not approved it: its peer runs no {chaincode}"
            yield place.found("CHAINCODE_WAITS", f"{waits} until its administrator does. {_mend(state)}", about)
        if member and other_rules:
            sentence = f"{words} was committed, and this institution did not approve it"
            yield place.found("CHAINCODE_NOT_APPROVED", sentence, about)
    elif before and other_rules:
        yield place.found("CHAINCODE_CHANGED", f"{words}; before: {describe(before)}", about)


def _mend(state: State) -> str:
    """How an administrator approves what was committed."""
    version = _endorsement(state.definition).version
    return (
        f"If it was agreed: medconsent-network approve --sequence {_sequence(state.definition)} --version {version!s} "
        "(without a home of medconsent-network: peer lifecycle chaincode approveformyorg, with the same)"
    )


def _is_approved(state: State, chaincode: str, sequence: int) -> bool:
    for name in _APPROVED:
        key = sha256(f"namespaces/fields/{chaincode}#{sequence}/{name}".encode()).hexdigest()
        value = state.definition.get(name)
        if value is None or state.approvals.get(key) != sha256(value).hexdigest():
            return False
    return True


def describe(definition: Mapping[str, bytes]) -> str:
    """Version, endorsement policy and plugins, in words."""
    endorsement = _endorsement(definition)
    version, plugin = str(endorsement.version) or "?", str(endorsement.endorsement_plugin) or "?"
    try:
        validation = decode(pb.ChaincodeValidationInfo, _bytes(definition, "ValidationInfo"))
        plugin = f"plugins {plugin}/{validation.validation_plugin}"
        policy = _policy_words(bytes(validation.validation_parameter))
    except (DecodeError, ValueError):
        policy = "unreadable"
    return f"version {version}, endorsed by {policy}, {plugin}"


def _endorsement(definition: Mapping[str, bytes]) -> Any:
    try:
        return decode(pb.ChaincodeEndorsementInfo, _bytes(definition, "EndorsementInfo"))
    except DecodeError:
        return pb.ChaincodeEndorsementInfo()


def _policy_words(parameter: bytes) -> str:
    policy = decode(pb.ApplicationPolicy, parameter)
    if policy.WhichOneof("Type") == "signature_policy":
        return signature_words(bytes(policy.signature_policy.SerializeToString()))
    return str(policy.channel_config_policy_reference)


def _sequence(definition: Mapping[str, bytes]) -> int:
    try:
        return int(decode(pb.StateData, definition.get(_SEQUENCE, b"")).Int64)
    except DecodeError:
        return 0


def _bytes(definition: Mapping[str, bytes], name: str) -> bytes:
    return bytes(decode(pb.StateData, definition.get(name, b"")).Bytes)
