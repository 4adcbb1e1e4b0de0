"""Changes of the channel's configuration that institutions agree on. Each is handed to `updates.compute`."""

from collections.abc import Callable
from functools import reduce
from typing import Any

from cryptography import x509
from fabric_protos.common import configtx_pb2, configuration_pb2
from fabric_protos.msp import msp_config_pb2

from medconsent_network import ordering
from medconsent_network.membership.updates import Change
from medconsent_network.spec import Spec

CAPABILITIES = {"V3_0": "3."}
"""What a channel's capability can be raised to, and the Fabric that knows it. Other nodes stop at that block."""

PARTS = ("Application", "Orderer")
"""The groups of the channel that have a group for each institution in them."""


def revoked(institution: str, revocations: bytes) -> Change:
    """The channel knows an institution's revoked certificates.

    A list that is there already and names a certificate that the new one does not (because the CA was put back from a
    backup) stays beside it: who was revoked once does not come back.

    Args:
        institution: Whose; its own administrator's signature is enough.
        revocations: A CRL of the institution's CA (PEM).
    """

    def replace_lists(msp: Any) -> None:
        kept = [bytes(one) for one in msp.revocation_list if not serials(one) <= serials(revocations)]
        del msp.revocation_list[:]
        msp.revocation_list.extend([*kept, revocations])

    def change(config: configtx_pb2.Config) -> None:
        for part in PARTS:
            edit_msp(config.channel_group.groups[part].groups[institution], replace_lists)

    return change


def known_revoked(config: configtx_pb2.Config, institution: str) -> frozenset[int]:
    """The serial numbers of an institution's certificates that every part of the channel knows as revoked.

    Args:
        config: The channel's configuration.
        institution: The institution, which has to be in it.
    """

    def of(part: str) -> frozenset[int]:
        lists = _msp(config.channel_group.groups[part].groups[institution]).revocation_list
        return frozenset().union(*map(serials, lists))

    return reduce(frozenset.intersection, map(of, PARTS))


def serials(revocations: bytes) -> frozenset[int]:
    """The serial numbers in a CRL (PEM)."""
    return frozenset(one.serial_number for one in x509.load_pem_x509_crl(revocations))


def removed(institution: str, spec: Spec) -> Change:
    """An institution is neither in the application nor in the ordering, nor is its orderer.

    Args:
        institution: Whose groups go.
        spec: The consortium as it was with the institution.
    """
    one = spec.institution(institution)

    def change(config: configtx_pb2.Config) -> None:
        ordering.of(spec).remove(config, one.host, one.port("orderer"))
        for part in PARTS:
            del config.channel_group.groups[part].groups[institution]

    return change


def added(institution: str, wanted: configtx_pb2.Config, spec: Spec) -> Change:
    """An institution is in the application and in the ordering, with its orderer.

    The orderer's address is told to the other orderers (as a consenter) and not to peers, which use their own.

    Args:
        institution: Who comes.
        wanted: A first block's configuration with all institutions, the new one among them, of which its part is taken.
        spec: The consortium with the institution.
    """
    one = spec.institution(institution)

    def change(config: configtx_pb2.Config) -> None:
        for part in PARTS:
            group = wanted.channel_group.groups[part].groups[institution]
            config.channel_group.groups[part].groups[institution].CopyFrom(group)
        # Else the peers of others would hand in transactions there before it serves, and these would be refused.
        config.channel_group.groups["Orderer"].groups[institution].values.pop("Endpoints", None)
        ordering.of(spec).add(config, wanted, one.host, one.port("orderer"))

    return change


def with_rule_of(wanted: configtx_pb2.Config) -> Change:
    """The policy `Membership` is that of another configuration: where it names institutions, these have changed."""

    def change(config: configtx_pb2.Config) -> None:
        rule = wanted.channel_group.groups["Application"].policies["Membership"].policy
        config.channel_group.groups["Application"].policies["Membership"].policy.CopyFrom(rule)

    return change


def raised(capability: str) -> Change:
    """The channel has another capability: it asks of every node to know what came with it.

    Args:
        capability: One of `CAPABILITIES`.
    """

    def change(config: configtx_pb2.Config) -> None:
        wanted = configuration_pb2.Capabilities()
        wanted.capabilities[capability].SetInParent()
        config.channel_group.values["Capabilities"].value = wanted.SerializeToString(deterministic=True)

    return change


def capabilities(config: configtx_pb2.Config) -> frozenset[str]:
    """The channel's capabilities, not those of its parts."""
    value = config.channel_group.values["Capabilities"].value
    return frozenset(configuration_pb2.Capabilities.FromString(value).capabilities)


def knows(fabric_version: str, capability: str) -> bool:
    """Whether nodes of a version of Fabric know a capability of the channel.

    Args:
        fabric_version: Such as `3.1.1`.
        capability: Such as `V3_0`; every node knows those that are not in `CAPABILITIES`.
    """
    return fabric_version.startswith(CAPABILITIES.get(capability, ""))


def edit_msp(group: configtx_pb2.ConfigGroup, edit: Callable[[Any], None]) -> None:
    """Edit the `FabricMSPConfig` in an institution's group, in place.

    Args:
        group: The institution's group, in the application's or the orderers' part.
        edit: Changes the message that it is given.
    """
    value = group.values["MSP"]
    msp = _msp(group)
    edit(msp)
    wrapped = msp_config_pb2.MSPConfig.FromString(value.value)
    wrapped.config = msp.SerializeToString()
    value.value = wrapped.SerializeToString()


def _msp(group: configtx_pb2.ConfigGroup) -> msp_config_pb2.FabricMSPConfig:
    wrapped = msp_config_pb2.MSPConfig.FromString(group.values["MSP"].value)
    return msp_config_pb2.FabricMSPConfig.FromString(wrapped.config)
