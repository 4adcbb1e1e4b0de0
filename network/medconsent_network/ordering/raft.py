"""Raft (etcdraft): orderers follow a leader that more than half of them chose. It trusts each not to fork the chain."""

from collections.abc import Sequence
from typing import Any

from fabric_protos.common import configtx_pb2
from fabric_protos.orderer import configuration_pb2
from fabric_protos.orderer.etcdraft import configuration_pb2 as raft_pb2

from medconsent_network import operations
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.ordering.service import OrderingService
from medconsent_network.spec import Spec


class Raft(OrderingService):
    """Fabric's Raft."""

    channel_capability = "V2_0"

    def profile(self, spec: Spec, homes: Sequence[Home]) -> dict[str, Any]:
        options = spec.ordering.options
        return {
            "OrdererType": "etcdraft",
            "EtcdRaft": {
                "Consenters": [_consenter(home) for home in homes],
                "Options": {
                    "TickInterval": options.tick,
                    "ElectionTick": options.election_ticks,
                    "HeartbeatTick": 1,
                    "MaxInflightBlocks": 5,
                    "SnapshotIntervalSize": "16 MB",
                },
            },
        }

    def node_settings(self) -> dict[str, Any]:
        return {"WALDir": "data/etcdraft/wal", "SnapDir": "data/etcdraft/snapshot"}

    def can_order(self, home: Home) -> bool:
        """Whether the orderer has heard, since it started, who leads."""
        changes = operations.metric(
            home, "orderer", f'consensus_etcdraft_leader_changes{{channel="{home.spec.channel}"}}'
        )
        return changes is not None and changes > 0

    def remove(self, config: configtx_pb2.Config, host: str, port: int) -> None:
        metadata = _metadata(config)
        kept = [one for one in metadata.consenters if (one.host, one.port) != (host, port)]
        if len(kept) == len(metadata.consenters):
            raise NetworkError("CHANNEL_FAILED", f"no orderer at {host}:{port} is in the channel's configuration")
        del metadata.consenters[:]
        metadata.consenters.extend(kept)
        _set_metadata(config, metadata)

    def add(self, config: configtx_pb2.Config, wanted: configtx_pb2.Config, host: str, port: int) -> None:
        metadata = _metadata(config)
        there = [one for one in metadata.consenters if (one.host, one.port) == (host, port)]
        found = [one for one in _metadata(wanted).consenters if (one.host, one.port) == (host, port)]
        if there or not found:
            raise NetworkError("CHANNEL_FAILED", f"the orderer at {host}:{port} is in the channel, or is not known")
        metadata.consenters.extend(found)
        _set_metadata(config, metadata)


def _metadata(config: configtx_pb2.Config) -> raft_pb2.ConfigMetadata:
    value = config.channel_group.groups["Orderer"].values["ConsensusType"].value
    return raft_pb2.ConfigMetadata.FromString(configuration_pb2.ConsensusType.FromString(value).metadata)


def _set_metadata(config: configtx_pb2.Config, metadata: raft_pb2.ConfigMetadata) -> None:
    value = config.channel_group.groups["Orderer"].values["ConsensusType"]
    consensus = configuration_pb2.ConsensusType.FromString(value.value)
    consensus.metadata = metadata.SerializeToString()
    value.value = consensus.SerializeToString()


def _consenter(home: Home) -> dict[str, object]:
    certificate = str(home.node("orderer") / "tls" / "cert.pem")
    return {
        "Host": home.institution.host,
        "Port": home.institution.port("orderer"),
        "ClientTLSCert": certificate,
        "ServerTLSCert": certificate,
    }
