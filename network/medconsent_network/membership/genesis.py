"""The channel's first block: derived from the consortium, and hardened.

A record's seal holds only as long as no majority can change who is in the channel (docs/decisions/0005). So a policy
`Membership` (all institutions' admins) stands over membership, policies and capabilities, not Fabric's majority.
"""

import hashlib
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2

from medconsent_network import files, ordering
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.spec import Spec

MEMBERSHIP = "/Channel/Application/Membership"
PROFILE = "Consortium"


Rules = Mapping[str, Mapping[str, str]]
"""Policies by name, each with the `Type` and `Rule` that configtxgen reads."""


def _meta(**rules: str) -> dict[str, dict[str, str]]:
    return {name: {"Type": "ImplicitMeta", "Rule": rule} for name, rule in rules.items()}


def _signature(**rules: str) -> dict[str, dict[str, str]]:
    return {name: {"Type": "Signature", "Rule": rule} for name, rule in rules.items()}


_SHARED = _meta(Readers="ANY Readers", Writers="ANY Writers", Admins="MAJORITY Admins")
CHANNEL_RULES: Rules = _SHARED
ORDERER_RULES: Rules = {
    **_SHARED,
    # Not `ANY Writers`: with that, any client's certificate could sign a block.
    **_meta(BlockValidation="ANY BlockSigners"),
}
APPLICATION_RULES: Rules = {
    **_SHARED,
    **_meta(Endorsement="MAJORITY Endorsement", LifecycleEndorsement="MAJORITY Endorsement"),
}
APPLICATION_CAPABILITY = "V2_5"


def application_rules_of(name: str) -> Rules:
    """The policies in an institution's group of the application."""
    return _signature(
        Readers=_any(name, "admin", "peer", "client"),
        Writers=_any(name, "admin", "client"),
        Admins=_any(name, "admin"),
        Endorsement=_any(name, "peer"),
    )


def orderer_rules_of(name: str) -> Rules:
    """The policies in an institution's group of the ordering service."""
    return _signature(
        Readers=_any(name, "admin", "peer", "client", "orderer"),
        Writers=_any(name, "admin", "orderer"),
        Admins=_any(name, "admin"),
        BlockSigners=_any(name, "orderer"),
    )


def make(folder: Path, spec: Spec, homes: Sequence[Home], configtxgen: Path) -> bytes:
    """The hardened first block of the channel; `folder` keeps the configtx.yaml it was made from.

    Args:
        folder: Where configtx.yaml is written.
        spec: The consortium.
        homes: All its institutions' homes, or the public parts of them.
        configtxgen: Fabric's program of that name.

    Raises:
        NetworkError: CHANNEL_FAILED with what configtxgen said.
    """
    files.write_yaml(folder / "configtx.yaml", {"Profiles": {PROFILE: profile(spec, homes)}})
    plain = folder / "plain.block"
    ran = subprocess.run(
        [configtxgen, "-profile", PROFILE, "-channelID", spec.channel, "-outputBlock", plain, "-configPath", folder],
        capture_output=True,
        text=True,
        timeout=60,
        umask=0o077,
        check=False,
    )
    if ran.returncode != 0:
        raise NetworkError("CHANNEL_FAILED", f"configtxgen made no genesis block: {ran.stderr.strip()[-1000:]}")
    block = harden(plain.read_bytes())
    plain.unlink()
    return block


def profile(spec: Spec, homes: Sequence[Home]) -> dict[str, Any]:
    """The configtxgen profile of the consortium."""
    members = [home.name for home in homes]
    service = ordering.of(spec)
    return {
        "Policies": _copied(CHANNEL_RULES),
        "Capabilities": {service.channel_capability: True},
        "Orderer": {
            **service.profile(spec, homes),
            "BatchTimeout": spec.ordering.batch_timeout,
            "BatchSize": {
                "MaxMessageCount": spec.ordering.max_messages,
                "AbsoluteMaxBytes": "10 MB",
                "PreferredMaxBytes": "2 MB",
            },
            "Organizations": [_orderer_organization(home) for home in homes],
            "Policies": _copied(ORDERER_RULES),
            "Capabilities": {service.channel_capability: True},
        },
        "Application": {
            "Organizations": [_application_organization(home) for home in homes],
            "Policies": {**_copied(APPLICATION_RULES), "Membership": membership(spec.quorum, members)},
            "Capabilities": {APPLICATION_CAPABILITY: True},
        },
    }


def membership(quorum: int | str, members: Sequence[str]) -> dict[str, str]:
    """The policy over membership: all institutions' admins, or those of `quorum` of the `members`."""
    if quorum == "all":
        return {"Type": "ImplicitMeta", "Rule": "ALL Admins"}
    admins = ", ".join(f"'{member}.admin'" for member in members)
    return {"Type": "Signature", "Rule": f"OutOf({quorum}, {admins})"}


def harden(block: bytes) -> bytes:
    """Put membership, policies and capabilities of a genesis block under the policy `Membership`.

    It becomes the `mod_policy` of itself, of the Application group with all its policies and capabilities, of the
    channel with its policies and capabilities, and of the Orderer group and BlockValidation. Paths are absolute,
    because a relative one is resolved in the group it stands in. Institutions' own groups stay with their own admins.
    """
    parsed = common_pb2.Block.FromString(block)
    envelope = common_pb2.Envelope.FromString(parsed.data.data[0])
    payload = common_pb2.Payload.FromString(envelope.payload)
    config = configtx_pb2.ConfigEnvelope.FromString(payload.data)

    channel = config.config.channel_group
    application, orderer = channel.groups["Application"], channel.groups["Orderer"]
    for group in (channel, application, orderer):
        group.mod_policy = MEMBERSHIP
        for policy in group.policies.values():
            policy.mod_policy = MEMBERSHIP
        group.values["Capabilities"].mod_policy = MEMBERSHIP
    orderer.values["ConsensusType"].mod_policy = MEMBERSHIP

    payload.data = config.SerializeToString(deterministic=True)
    envelope.payload = payload.SerializeToString(deterministic=True)
    parsed.data.data[0] = envelope.SerializeToString(deterministic=True)
    # Fabric's protoutil.ComputeBlockDataHash: SHA-256 over the concatenated transactions.
    parsed.header.data_hash = hashlib.sha256(b"".join(parsed.data.data)).digest()
    return bytes(parsed.SerializeToString(deterministic=True))


def _application_organization(home: Home) -> dict[str, Any]:
    name = home.name
    return {
        **_organization(home),
        "Policies": _copied(application_rules_of(name)),
        "AnchorPeers": [{"Host": home.institution.host, "Port": home.institution.port("peer")}],
    }


def _orderer_organization(home: Home) -> dict[str, Any]:
    name = home.name
    return {
        **_organization(home),
        "Policies": _copied(orderer_rules_of(name)),
        "OrdererEndpoints": [home.institution.address("orderer")],
    }


def _organization(home: Home) -> dict[str, Any]:
    return {"Name": home.name, "ID": home.name, "MSPDir": str(home.msp)}


def _any(name: str, *roles: str) -> str:
    principals = ", ".join(f"'{name}.{role}'" for role in roles)
    return f"OR({principals})"


def _copied(rules: Rules) -> dict[str, dict[str, str]]:
    return {name: dict(rule) for name, rule in rules.items()}
