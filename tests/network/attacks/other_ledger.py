"""An institution whose peer shows others what it likes: another block under its orderer's signature, another judgement,
or the door.
"""

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import replace

import grpc
from actors import key_in
from fabric_protos.common import common_pb2
from fabric_protos.peer import events_pb2
from forge import Key

from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent_network.consortium import Consortium

_FLAGS = 2
"""Which of a block's metadata says how its transactions were judged."""


def another(block: LedgerBlock, orderer: Key) -> bytes:
    """A block at the same height with nothing of what is in it, signed as an orderer signs."""
    other = replace(block, envelopes=(block.envelopes[0] + b"\x12\x00",))
    other = replace(other, data_hash=other.computed_data_hash())
    metadata = common_pb2.Metadata.FromString(block.metadata[0])
    header = common_pb2.SignatureHeader(creator=orderer.creator, nonce=b"n" * 24).SerializeToString()
    signature = orderer.sign(metadata.value + header + other.header_bytes)
    one = common_pb2.MetadataSignature(signature_header=header, signature=signature)
    signed = common_pb2.Metadata(value=metadata.value, signatures=[one]).SerializeToString()
    return replace(other, metadata=(signed, *block.metadata[1:])).to_bytes()


def judged_otherwise(block: LedgerBlock) -> bytes:
    """The same block, of which each valid transaction was none."""
    flags = bytes(10 if flag == 0 else 0 for flag in block.flags)
    return replace(block, metadata=(*block.metadata[:_FLAGS], flags, *block.metadata[_FLAGS + 1 :])).to_bytes()


def orderer_key(network: Consortium, institution: str) -> Key:
    return key_in(network.home(institution).node("orderer") / "msp", institution)


@contextmanager
def showing(network: Consortium, institution: str) -> Iterator[list[bytes | int]]:
    """In the place of an institution's peer, somebody with its key: shows whoever asks for blocks the one that is put
    into the list, or answers with that status.
    """
    home = network.home(institution)
    shown: list[bytes | int] = []

    def deliver(_: Iterator[bytes], __: grpc.ServicerContext) -> Iterator[events_pb2.DeliverResponse]:
        said = shown[-1]
        if isinstance(said, int):
            yield events_pb2.DeliverResponse(status=said)
            return
        yield events_pb2.DeliverResponse(block=common_pb2.Block.FromString(said))
        yield events_pb2.DeliverResponse(status=common_pb2.SUCCESS)

    handler = grpc.stream_stream_rpc_method_handler(
        deliver, response_serializer=events_pb2.DeliverResponse.SerializeToString
    )
    tls = home.node("peer") / "tls"
    credentials = grpc.ssl_server_credentials([((tls / "key.pem").read_bytes(), (tls / "cert.pem").read_bytes())])
    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("protos.Deliver", {"Deliver": handler})])
    network.stop(institution, "peer")
    try:
        server.add_secure_port(home.institution.address("peer"), credentials)
        server.start()
        try:
            yield shown
        finally:
            server.stop(None).wait()
    finally:
        network.start(institution, "peer")
