"""Changes of the channel's configuration that institutions agree on. Each is handed to `updates.compute`."""

from collections.abc import Callable
from typing import Any

from fabric_protos.common import configtx_pb2
from fabric_protos.msp import msp_config_pb2

from medconsent_network import ordering
from medconsent_network.membership.updates import Change
from medconsent_network.spec import Spec

PARTS = ("Application", "Orderer")
"""The groups of the channel that have a group for each institution in them."""


def revoked(institution: str, revocations: bytes) -> Change:
    """The channel knows an institution's revoked certificates.

    Args:
        institution: whose; its own administrator's signature is enough.
        revocations: a CRL of the institution's CA (PEM). It takes the place of the one that was there.
    """

    def replace_list(msp: Any) -> None:
        del msp.revocation_list[:]
        msp.revocation_list.append(revocations)

    def change(config: configtx_pb2.Config) -> None:
        for part in PARTS:
            edit_msp(config.channel_group.groups[part].groups[institution], replace_list)

    return change


def removed(institution: str, spec: Spec) -> Change:
    """An institution is neither in the application nor in the ordering, nor is its orderer.

    Args:
        institution: whose groups go.
        spec: the consortium as it was with the institution.
    """
    one = spec.institution(institution)

    def change(config: configtx_pb2.Config) -> None:
        ordering.of(spec).remove(config, one.host, one.port("orderer"))
        for part in PARTS:
            del config.channel_group.groups[part].groups[institution]

    return change


def edit_msp(group: configtx_pb2.ConfigGroup, edit: Callable[[Any], None]) -> None:
    """Edit the `FabricMSPConfig` in an institution's group, in place."""
    value = group.values["MSP"]
    wrapped = msp_config_pb2.MSPConfig.FromString(value.value)
    msp = msp_config_pb2.FabricMSPConfig.FromString(wrapped.config)
    edit(msp)
    wrapped.config = msp.SerializeToString()
    value.value = wrapped.SerializeToString()
