"""Definitions of chaincode on a channel, as `_lifecycle` tells them (Fabric 2.0 and newer)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from google.protobuf.message import DecodeError

from medconsent.fabric import _protos as pb
from medconsent.fabric.channel_config import signature_words
from medconsent.fabric.decoding import decode
from medconsent.fabric.errors import FabricError


@dataclass(frozen=True)
class ChaincodeDefinition:
    """What the organizations have agreed on for a chaincode.

    Attributes:
        name: The chaincode's name.
        version: What the organizations call its version.
        sequence: How often it was defined.
        rule: Who must endorse, in words: a signature policy, or the name of one in the channel's configuration.
        collections: The names of its private data collections, without the implicit ones.
        init_required: Whether its first call must be an initialization.
    """

    name: str
    version: str
    sequence: int
    rule: str
    collections: tuple[str, ...] = ()
    init_required: bool = False

    @classmethod
    def of(cls, name: str, told: Any) -> Self:
        """Out of a definition in an answer of `_lifecycle`.

        Args:
            name: The chaincode's name.
            told: The message.

        Raises:
            FabricError: It cannot be read.
        """
        try:
            collections = (one.static_collection_config.name for one in told.collections.config)
            return cls(
                name=name,
                version=str(told.version),
                sequence=int(told.sequence),
                rule=_rule(bytes(told.validation_parameter)),
                collections=tuple(map(str, collections)),
                init_required=bool(told.init_required),
            )
        except DecodeError as cause:
            raise FabricError(f"the definition of {name} cannot be read") from cause


def asked_for_all() -> bytes:
    """The argument of `QueryChaincodeDefinitions`."""
    return bytes(pb.QueryChaincodeDefinitionsArgs().SerializeToString())


def parse_all(answer: bytes) -> Iterator[ChaincodeDefinition]:
    """The definitions in an answer of `QueryChaincodeDefinitions`.

    Args:
        answer: The answer.

    Raises:
        FabricError: It cannot be read.
    """
    try:
        told = decode(pb.QueryChaincodeDefinitionsResult, answer)
    except DecodeError as cause:
        raise FabricError("the peer's answer holds no definitions of chaincode") from cause
    return (ChaincodeDefinition.of(str(one.name), one) for one in told.chaincode_definitions)


def _rule(parameter: bytes) -> str:
    policy = decode(pb.ApplicationPolicy, parameter)
    if policy.WhichOneof("Type") == "signature_policy":
        return signature_words(bytes(policy.signature_policy.SerializeToString()))
    return str(policy.channel_config_policy_reference)
