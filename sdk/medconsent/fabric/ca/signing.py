"""What is signed for a Fabric CA: the token of a request, and the request for a certificate."""

import base64
import ipaddress
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from medconsent.fabric.identity import PrivateKeySigner, Signer
from medconsent.fabric.proposal import names


def token(method: str, uri: str, body: bytes, certificate_pem: bytes, signer: Signer) -> str:
    """The value of the `authorization` header of a request to a Fabric CA.

    Args:
        method: `GET`, `POST`, `PUT` or `DELETE`.
        uri: Path and query as they go over the wire.
        body: The request's body as it is sent; empty when there is none.
        certificate_pem: The certificate of who asks, PEM.
        signer: The key that belongs to it.
    """
    certificate = base64.b64encode(certificate_pem).decode()
    return f"{certificate}.{base64.b64encode(signer.sign(token_payload(method, uri, body, certificate_pem))).decode()}"


def token_payload(method: str, uri: str, body: bytes, certificate_pem: bytes) -> bytes:
    """What a token signs: `method.b64(uri).b64(body).b64(certificate)`.

    Args:
        method: `GET`, `POST`, `PUT` or `DELETE`.
        uri: Path and query as they go over the wire.
        body: The request's body as it is sent; empty when there is none.
        certificate_pem: The certificate of who asks, PEM.
    """
    return b".".join((method.encode(), *map(base64.b64encode, (uri.encode(), body, certificate_pem))))


def certificate_request(enrollment_id: str, signer: PrivateKeySigner, hosts: Sequence[str] = ()) -> bytes:
    """A PKCS #10 request in PEM whose common name is the enrolment id.

    Args:
        enrollment_id: The enrolment id.
        signer: The key that is to be certified; it signs the request.
        hosts: Names and IP addresses, which become subject alternative names.
    """
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, enrollment_id)])
    )
    if names(hosts, "hosts"):
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False
        )
    key = signer.private_key
    request = builder.sign(key, hashes.SHA256() if isinstance(key, ec.EllipticCurvePrivateKey) else None)
    return request.public_bytes(Encoding.PEM)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
