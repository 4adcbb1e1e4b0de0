"""What certificates in a paper have to be, before anything is built on them."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from medconsent_network.errors import NetworkError

_MOST_BYTES = 8192


def refused(what: str) -> NetworkError:
    """The refusal BUNDLE_REFUSED."""
    return NetworkError("BUNDLE_REFUSED", what, "Ask the institution for its bundle again, and read the code to it.")


def root(pem: str, name: str, title: str) -> x509.Certificate:
    """A root certificate: an authority that certified itself, and is called `name`.

    Args:
        pem: The certificate's text, of somebody else.
        name: Its subject's common name.
        title: What it is called in a refusal, as `root of the CA`.

    Raises:
        NetworkError: BUNDLE_REFUSED with what is wrong with it.
    """
    certificate = one(pem, title)
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError) as error:
        raise refused(f"the {title} is no certificate of an authority: {error}") from error
    if not constraints.ca or not usage.key_cert_sign:
        raise refused(f"the {title} is no certificate of an authority: it must not certify others")
    require_issued(certificate, certificate, f"the {title} is no root: it did not certify itself")
    if common_name(certificate) != name:
        raise refused(f"the {title} is called {common_name(certificate)!r}, and {name!r} is what it has to be called")
    return certificate


def one(pem: str, title: str) -> x509.Certificate:
    """The one certificate in a text.

    Args:
        pem: The text, of somebody else.
        title: What it is called in a refusal.

    Raises:
        NetworkError: BUNDLE_REFUSED when there is none, or another number.
    """
    if len(pem) > _MOST_BYTES:
        raise refused(f"the {title} is larger than {_MOST_BYTES} bytes")
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
        keys = [certificate.public_key() for certificate in found]
    except (ValueError, UnicodeEncodeError, TypeError) as error:
        raise refused(f"the {title} is no certificate (PEM): {error}") from error
    if len(found) != 1 or pem.count("-----BEGIN ") != 1:
        raise refused(f"the {title} has to be one certificate and nothing else")
    if not isinstance(keys[0], ec.EllipticCurvePublicKey):
        raise refused(f"the {title} has a key that is not ECDSA")
    return found[0]


def require_issued(certificate: x509.Certificate, issuer: x509.Certificate, otherwise: str) -> None:
    """Check that a certificate was issued by `issuer`.

    Args:
        certificate: The certificate.
        issuer: Whose key has to have signed it.
        otherwise: The refusal's sentence.

    Raises:
        NetworkError: BUNDLE_REFUSED with the sentence `otherwise`.
    """
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise refused(otherwise) from error


def common_name(certificate: x509.Certificate) -> str:
    """The common name of its subject; empty when it has none."""
    return next((str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)), "")


def units(certificate: x509.Certificate) -> set[str]:
    """The organizational units of its subject, which are what Fabric tells kinds of members by."""
    return {str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)}


def names(certificate: x509.Certificate) -> set[str]:
    """The host names and addresses that it is good for."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return set()
    return {str(each.value) for each in found}


def fingerprint(certificate: x509.Certificate) -> str:
    """Its SHA-256, in hexadecimal."""
    return certificate.fingerprint(SHA256()).hex()


def key(pem: bytes) -> bytes:
    """The public key of a certificate (DER); what cannot be read stands for itself."""
    try:
        return public_key(x509.load_pem_x509_certificate(pem))
    except ValueError:
        return pem


def public_key(certificate: x509.Certificate) -> bytes:
    """The public key of a certificate (DER)."""
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
