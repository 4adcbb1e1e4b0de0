"""Changes of the channel's configuration: computed, signed by administrators, handed in.

A change is a function that edits a copy of the configuration in place; whether it is accepted is for the channel's
policies to say. Fabric's own `configtxlator` computes the difference. Each administrator's signature covers its own
header and the update (Fabric's documentation, "Updating a channel configuration").
"""

import secrets
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc
from fabric_protos.common import common_pb2, configtx_pb2
from fabric_protos.orderer import ab_pb2

from medconsent.fabric.identity import Identity, Signer
from medconsent_network import identities
from medconsent_network.administration import gateway
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.tools.toolchain import find

Change = Callable[[configtx_pb2.Config], None]

_NONCE_BYTES = 24
_BROADCAST_SECONDS = 30
_TOOL_SECONDS = 60


@dataclass(frozen=True)
class Administrator:
    """Who signs a change: an institution's identity of the unit `admin`, with its key."""

    identity: Identity
    signer: Signer

    @classmethod
    def of(cls, home: Home) -> "Administrator":
        """The administrator in a home."""
        return cls(*identities.signer(home, "admin"))


@dataclass(frozen=True)
class Answer:
    """What an orderer answered.

    Attributes:
        status: Fabric's word: `SUCCESS`, `BAD_REQUEST`, `FORBIDDEN`, `SERVICE_UNAVAILABLE` ...
        sentence: Why; empty when it succeeded.
    """

    status: str
    sentence: str


def current(home: Home) -> configtx_pb2.Config:
    """The channel's configuration, as the home's own peer has it.

    Raises:
        medconsent.fabric.errors.FabricError: the peer does not answer.
    """
    with gateway(home) as client:
        contract = client.channel(home.spec.channel).contract("cscc")
        answer = contract.evaluate("GetChannelConfig", home.spec.channel.encode(), target_organizations=[home.name])
    return configtx_pb2.Config.FromString(answer)


def compute(config: configtx_pb2.Config, change: Change, *, channel: str, fabric_version: str) -> bytes:
    """What has to be agreed upon to turn a configuration into what `change` makes of it.

    Args:
        config: The configuration as it stands; it is not changed.
        change: Edits a copy of it.
        channel: The channel's name.
        fabric_version: Whose `configtxlator` is used.

    Returns:
        A serialized `ConfigUpdate`, for `signed`.

    Raises:
        NetworkError: CHANNEL_FAILED when nothing is different, or with what the program said; TOOL_MISSING.
    """
    changed = configtx_pb2.Config()
    changed.CopyFrom(config)
    change(changed)
    with TemporaryDirectory() as folder:
        before, after, out = (Path(folder, name) for name in ("before.pb", "after.pb", "update.pb"))
        before.write_bytes(config.SerializeToString())
        after.write_bytes(changed.SerializeToString())
        command: list[str | Path] = [find(fabric_version).configtxlator, "compute_update", "--channel_id", channel]
        command += ["--original", before, "--updated", after, "--output", out]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=_TOOL_SECONDS, check=False)
        if ran.returncode != 0:
            raise NetworkError("CHANNEL_FAILED", f"configtxlator computed no update: {ran.stderr.strip()[-500:]}")
        return out.read_bytes()


def signature(update: bytes, administrator: Administrator) -> configtx_pb2.ConfigSignature:
    """What an administrator's agreement to a serialized `ConfigUpdate` is: it covers a header of its own, and that.

    Args:
        update: The serialized `ConfigUpdate`.
        administrator: Who agrees.
    """
    header = _signature_header(administrator)
    return configtx_pb2.ConfigSignature(signature_header=header, signature=administrator.signer.sign(header + update))


def signed(update: bytes, administrators: Sequence[Administrator], *, channel: str) -> common_pb2.Envelope:
    """The envelope that an orderer takes.

    Args:
        update: A serialized `ConfigUpdate`.
        administrators: Who agrees; the first of them hands it in.
        channel: The channel's name.
    """
    return envelope(update, [signature(update, one) for one in administrators], administrators[0], channel=channel)


def envelope(
    update: bytes, signatures: Sequence[configtx_pb2.ConfigSignature], client: Administrator, *, channel: str
) -> common_pb2.Envelope:
    """The envelope that an orderer takes, with signatures that were made before, wherever that was.

    Args:
        update: A serialized `ConfigUpdate`.
        signatures: Of whoever agrees.
        client: Who hands it in.
        channel: The channel's name.
    """
    header = common_pb2.Header(
        channel_header=common_pb2.ChannelHeader(type=common_pb2.CONFIG_UPDATE, channel_id=channel).SerializeToString(),
        signature_header=_signature_header(client),
    )
    body = configtx_pb2.ConfigUpdateEnvelope(config_update=update, signatures=signatures)
    payload = common_pb2.Payload(header=header, data=body.SerializeToString()).SerializeToString()
    return common_pb2.Envelope(payload=payload, signature=client.signer.sign(payload))


def broadcast(home: Home, envelope: common_pb2.Envelope) -> Answer:
    """Hand an envelope in at the home's own orderer.

    Raises:
        NetworkError: CHANNEL_FAILED when the orderer does not answer.
    """
    credentials = grpc.ssl_channel_credentials(home.tls_root.read_bytes())
    try:
        with grpc.secure_channel(home.institution.address("orderer"), credentials) as channel:
            call = channel.stream_stream(
                "/orderer.AtomicBroadcast/Broadcast",
                request_serializer=common_pb2.Envelope.SerializeToString,
                response_deserializer=ab_pb2.BroadcastResponse.FromString,
            )
            answer = next(call(iter([envelope]), timeout=_BROADCAST_SECONDS))
    except grpc.RpcError as error:
        raise NetworkError("CHANNEL_FAILED", f"the orderer of {home.name} does not answer: {error}") from error
    return Answer(common_pb2.Status.Name(answer.status), answer.info)


def propose(home: Home, change: Change, administrators: Sequence[Administrator]) -> Answer:
    """Change the configuration as the home's peer has it, and hand that in at the home's orderer.

    Args:
        home: Who proposes it.
        change: What is to be different.
        administrators: Who signs it.

    Raises:
        NetworkError: CHANNEL_FAILED when nothing would change or no answer comes; TOOL_MISSING.
    """
    channel = home.spec.channel
    update = compute(current(home), change, channel=channel, fabric_version=home.spec.fabric_version)
    return broadcast(home, signed(update, administrators, channel=channel))


def _signature_header(administrator: Administrator) -> bytes:
    header = common_pb2.SignatureHeader(creator=administrator.identity.creator, nonce=secrets.token_bytes(_NONCE_BYTES))
    return bytes(header.SerializeToString())
