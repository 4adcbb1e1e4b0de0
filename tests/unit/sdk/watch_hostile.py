"""What another institution may put into a block, at random: odd endorsements, policies, values and transactions, and
blocks that are damaged at any level. Everything comes from one `random.Random`, so that a seed tells it again.
"""

import json
import random
from base64 import encodebytes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fabric_protos.common import common_pb2, policies_pb2
from fabric_protos.msp import identities_pb2, msp_principal_pb2
from fabric_protos.peer import proposal_pb2, proposal_response_pb2, transaction_pb2
from watch_world import World, transaction

RECORD = json.dumps({"owner": "hanbit", "type": "grant"}, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Endorser:
    """Whoever it says it is."""

    creator: bytes
    signer: Any


def der_of(world: World) -> bytes:
    pem = world["nuri"].key("peer").identity.certificate_pem
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def as_pem(der: bytes) -> bytes:
    return b"-----BEGIN CERTIFICATE-----\n" + encodebytes(der) + b"-----END CERTIFICATE-----\n"


def of_version(world: World, version: int) -> bytes:
    """A certificate that says it is of a version of X.509 that does not exist."""
    der = der_of(world)
    at = der.index(bytes.fromhex("a003020102"))
    return as_pem(der[:at] + bytes.fromhex("a0030201") + bytes([version]) + der[at + 5 :])


def odd_endorser(world: World, chance: random.Random) -> Endorser:
    """An endorsement that Fabric's validation passes over, in anybody's name."""
    kinds: list[Callable[[], bytes]] = [
        lambda: of_version(world, chance.choice((1, 3, 9, 127))),
        lambda: as_pem(bent(der_of(world), chance)),
        lambda: chance.randbytes(chance.randrange(200)),
        lambda: b"-----BEGIN CERTIFICATE-----\n" + chance.randbytes(30) + b"\n-----END CERTIFICATE-----\n",
        lambda: world["nuri"].key("peer").identity.certificate_pem * 3,
        lambda: b"",
    ]
    told = chance.choice(kinds)()
    whole = identities_pb2.SerializedIdentity(mspid=chance.choice(("hanbit", "nuri", "x")), id_bytes=told)
    creator = whole.SerializeToString() if chance.random() < 0.8 else chance.randbytes(chance.randrange(80))
    return Endorser(creator, world["nuri"].key("peer").signer)


def odd_policy(chance: random.Random) -> bytes:
    """A key-level policy as another's chaincode may write it: Fabric takes any bytes."""
    if chance.random() < 0.3:
        return chance.randbytes(chance.randrange(60))

    def rule(depth: int) -> Any:
        if depth == 0 or chance.random() < 0.3:
            return policies_pb2.SignaturePolicy(signed_by=chance.choice((-9, -1, 0, 1, 7, 2**31 - 1)))
        rules = [rule(depth - 1) for _ in range(chance.randrange(4))]
        some = policies_pb2.SignaturePolicy.NOutOf(n=chance.choice((-3, 0, 1, 2, 99)), rules=rules)
        return policies_pb2.SignaturePolicy(n_out_of=some)

    role = msp_principal_pb2.MSPRole(
        msp_identifier=chance.choice(("nuri", "hanbit", "x", "")), role=chance.choice((0, 1, 2, 3, 4, 77))
    ).SerializeToString()
    principals = [
        msp_principal_pb2.MSPPrincipal(
            principal_classification=chance.randrange(4), principal=chance.choice((role, b"", chance.randbytes(9)))
        )
        for _ in range(chance.randrange(3))
    ]
    envelope = policies_pb2.SignaturePolicyEnvelope(rule=rule(chance.choice((1, 3, 40))), identities=principals)
    return bytes(envelope.SerializeToString())


def odd_value(chance: random.Random) -> bytes:
    """What looks like a record in hanbit's name, and what does not."""
    return chance.choice(
        (
            RECORD,
            b'{"owner":"hanbit"' + b"[" * 5000,
            b'{"owner":"hanbit","n":' + b"9" * 6000 + b"}",
            b'["owner":"hanbit"]',
            b'{"owner":"hanbit"}\xff',
            chance.randbytes(chance.randrange(100)),
            b"",
        )
    )


def odd_transaction(world: World, chance: random.Random, number: int) -> bytes:
    """Something of nuri's that touches nothing of hanbit's."""
    endorsers: list[Any] = [world["nuri"].key("peer"), world["saerom"].key("peer")]
    for _ in range(chance.randrange(3)):
        endorsers.insert(chance.randrange(len(endorsers) + 1), odd_endorser(world, chance))
    # Each key once: a policy that nobody can meet keeps Fabric from ever taking another write.
    keys = [f"{chance.choice(('grant', 'i/x', 'vote', '', chr(0x10FFFF)))}/{number}-{place}" for place in range(3)]
    return transaction(
        world["nuri"].key("client"),
        endorsers,
        number=number,
        writes={key: odd_value(chance) if chance.random() < 0.8 else None for key in keys},
        policies={key: odd_policy(chance) for key in keys[:2]},
        seals={("nuri", "grant/1"): chance.choice((b"seal", None))},
        namespace=chance.choice(("medconsent", "_lifecycle", "another", "")),
    )


def bent(data: bytes, chance: random.Random) -> bytes:
    """Bytes that are not what they were: changed, cut, doubled, with garbage or deep groups in them."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(changed) + 1)
        match chance.randrange(7):
            case 0:
                changed[place:place] = chance.randbytes(chance.randint(1, 20))
            case 1:
                del changed[place:]
            case 2:
                del changed[place : place + chance.randint(1, 20)]
            case 3:
                changed[place:place] = changed[: chance.randint(0, 200)]
            case 4:
                depth = chance.choice((3, 99, 101, 3000))
                changed[place:place] = b"\x7b" * depth + b"\x7c" * (depth - chance.randrange(2))
            case 5:
                changed[place:place] = chance.choice((b"\xff" * 11, b"\x0a\xff\xff\xff\xff\x0f", b"\x00", b"\x80\x80"))
            case _:
                if place < len(changed):
                    changed[place] = chance.randrange(256)
    return bytes(changed)


LEVELS = ("envelope", "payload", "creator", "transaction", "action", "endorser", "signature", "response", "results")


def bent_transaction(envelope: bytes, level: str, chance: random.Random) -> bytes:
    """A transaction that is damaged at one level, and whole around it.

    The header's type is left as it is: no client gets a configuration into a block that is none.
    """
    if level == "envelope":
        return bent(envelope, chance)
    outer = common_pb2.Envelope.FromString(envelope)
    if level == "payload":
        outer.payload = bent(outer.payload, chance)
        return bytes(outer.SerializeToString())
    payload = common_pb2.Payload.FromString(outer.payload)
    if level == "creator":
        header = common_pb2.SignatureHeader.FromString(payload.header.signature_header)
        identity = identities_pb2.SerializedIdentity.FromString(header.creator)
        identity.id_bytes = bent(identity.id_bytes, chance)
        header.creator = identity.SerializeToString()
        payload.header.signature_header = header.SerializeToString()
    elif level == "transaction":
        payload.data = bent(payload.data, chance)
    else:
        payload.data = _bent_action(payload.data, level, chance)
    outer.payload = payload.SerializeToString()
    return bytes(outer.SerializeToString())


def _bent_action(data: bytes, level: str, chance: random.Random) -> bytes:
    body = transaction_pb2.Transaction.FromString(data)
    action = transaction_pb2.ChaincodeActionPayload.FromString(body.actions[0].payload)
    endorsed = action.action
    if level == "endorser":
        one = chance.choice(endorsed.endorsements)
        one.endorser = bent(one.endorser, chance)
    elif level == "signature":
        one = chance.choice(endorsed.endorsements)
        one.signature = bent(one.signature, chance)
    elif level == "response":
        endorsed.proposal_response_payload = bent(endorsed.proposal_response_payload, chance)
    elif level == "results":
        response = proposal_response_pb2.ProposalResponsePayload.FromString(endorsed.proposal_response_payload)
        inner = proposal_pb2.ChaincodeAction.FromString(response.extension)
        inner.results = bent(inner.results, chance)
        response.extension = inner.SerializeToString()
        endorsed.proposal_response_payload = response.SerializeToString()
    whole = action.SerializeToString()
    body.actions[0].payload = bent(whole, chance) if level == "action" else whole
    return bytes(body.SerializeToString())
