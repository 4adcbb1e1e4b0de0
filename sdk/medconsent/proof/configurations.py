"""The history of a channel's configuration: what each change was, who signed it, and whether that was enough."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError

from medconsent.fabric import _protos as pb
from medconsent.fabric.channel_config import ChannelConfig
from medconsent.fabric.decoding import decode
from medconsent.fabric.trust import Authority, named
from medconsent.proof.policies import Policies, Signer
from medconsent.watch import configuration

_NOBODY = Authority("", [])
"""Watches for no institution: whoever verifies stands beside all of them."""


@dataclass(frozen=True)
class Configuration:
    """One configuration block.

    Attributes:
        block: Its number.
        changes: What it changes, in sentences.
        signed_by: Who signed the change, as `hanbit/admin`.
        not_agreed: The elements that changed without the signatures that they need.
    """

    block: int
    changes: tuple[str, ...]
    signed_by: tuple[str, ...]
    not_agreed: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "block": self.block,
            "changes": list(self.changes),
            "signed_by": list(self.signed_by),
            "not_agreed": list(self.not_agreed),
        }


def changed(before: ChannelConfig, after: ChannelConfig, envelope: Any, block: int) -> Configuration:
    """What a configuration transaction does.

    Args:
        before: The configuration before it.
        after: The one that it puts in force.
        envelope: The `common.ConfigEnvelope`.
        block: The block's number.
    """
    names, signers = [], []
    for name, signer in _signers(before, envelope):
        names.append(name)
        signers.append(signer)
    policies = Policies(before)
    open_ = tuple(path for path in _touched(before, after) if not policies.may_change(path, signers))
    told = tuple(one.sentence for one in configuration.judge(before, after, _NOBODY, block))
    return Configuration(block, told, tuple(names), open_)


def _touched(before: ChannelConfig, after: ChannelConfig) -> Iterator[str]:
    """The elements of the former configuration whose policy decides about a change: each that is another now, and the
    group in which something came or went.
    """
    old, new = before.elements, after.elements
    touched = {path for path in old.keys() & new.keys() if old[path] != new[path]}
    for path in old.keys() ^ new.keys():
        group = _parent(path)
        while group and group not in old:
            group = _parent(group)
        if path not in old and _parent(path) not in old:
            continue  # it came with its group
        if path not in new and _parent(path) not in new:
            continue
        touched.add(group)
    return iter(sorted(touched))


def _parent(path: str) -> str:
    group, _, _ = path.rpartition("/")
    return group.removesuffix("/policies")


def _signers(config: ChannelConfig, envelope: Any) -> Iterator[tuple[str, Signer]]:
    try:
        update = decode(pb.Envelope, envelope.last_update.SerializeToString())
        signed = decode(pb.ConfigUpdateEnvelope, decode(pb.Payload, update.payload).data)
    except DecodeError:
        return
    for one in signed.signatures:
        try:
            creator = bytes(decode(pb.SignatureHeader, one.signature_header).creator)
        except DecodeError:
            continue
        for organization in config.organizations:
            member = organization.authority.member(creator) if organization.msp_id == named(creator) else None
            if member and member.signed(
                bytes(one.signature_header) + bytes(signed.config_update), bytes(one.signature)
            ):
                yield f"{organization.msp_id}/{member.name}", Signer(organization.msp_id, member.units)
                break
