"""What somebody may put into a valid transaction because Fabric passes over it: the client's signature is the only one
over it, and the client makes that anew.
"""

import base64
from collections.abc import Callable

from actors import Actor
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fabric_protos.common import common_pb2
from fabric_protos.msp import identities_pb2
from fabric_protos.peer import proposal_response_pb2, transaction_pb2
from forge import sign

Change = Callable[[transaction_pb2.Transaction], bytes]


def envelope(actor: Actor, message: bytes, change: Change) -> common_pb2.Envelope:
    """The payload that the actor would have sent, with another `transaction_pb2.Transaction` in it."""
    payload = common_pb2.Payload.FromString(message)
    payload.data = change(transaction_pb2.Transaction.FromString(payload.data))
    return sign(actor.key, payload)


def further_endorsement(endorser: bytes) -> Change:
    """An endorsement by nobody in front of the others."""
    return endorsements(endorser, 1)


def endorsements(endorser: bytes, count: int) -> Change:
    """As many endorsements by nobody in front of the others."""

    def change(body: transaction_pb2.Transaction) -> bytes:
        action = transaction_pb2.ChaincodeActionPayload.FromString(body.actions[0].payload)
        for number in range(count):
            odd = proposal_response_pb2.Endorsement(endorser=endorser, signature=b"s%d" % number)
            action.action.endorsements.insert(0, odd)
        body.actions[0].payload = action.SerializeToString()
        return bytes(body.SerializeToString())

    return change


def longer_signatures(body: transaction_pb2.Transaction) -> bytes:
    """Bytes after each endorser's signature, which Go's ASN.1 does not read."""
    action = transaction_pb2.ChaincodeActionPayload.FromString(body.actions[0].payload)
    for one in action.action.endorsements:
        one.signature += b"\x00more"
    body.actions[0].payload = action.SerializeToString()
    return bytes(body.SerializeToString())


def deep_field(body: transaction_pb2.Transaction) -> bytes:
    """A field that the message does not know, of two hundred groups in one another: Go keeps it, Python refuses it."""
    return bytes(body.SerializeToString()) + b"\x7b" * 200 + b"\x7c" * 200


def of_version(pem: bytes, version: int) -> bytes:
    """A certificate that says it is of a version of X.509 that does not exist."""
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    at = der.index(bytes.fromhex("a003020102"))
    changed = der[:at] + bytes.fromhex("a0030201") + bytes([version]) + der[at + 5 :]
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(changed) + b"-----END CERTIFICATE-----\n"


def identity(name: str, pem: bytes) -> bytes:
    """A serialized identity in the name of an institution."""
    return bytes(identities_pb2.SerializedIdentity(mspid=name, id_bytes=pem).SerializeToString())
