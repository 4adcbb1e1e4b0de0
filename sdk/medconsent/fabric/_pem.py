"""Blocks of PEM out of files as people have them: with comments in any language, marks of editors, other blocks before
(RFC 7468, section 2: what stands outside the boundaries is to be ignored). Fabric's peers take a certificate only when
it begins with its boundary, so what is kept is the blocks alone.
"""

import re

from medconsent.encodings import encoding_of

from .errors import IdentityError

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----[ \t]*[\r\n]+(.*?)-----END \1-----", re.DOTALL)
_CERTIFICATES = ("CERTIFICATE", "X509 CERTIFICATE")
_KEY = re.compile(r"(?:[A-Z0-9]+ )*PRIVATE KEY")


def blocks(data: bytes) -> list[tuple[str, bytes]]:
    """The label of each block, and the block without anything around it."""
    encoding, mark = encoding_of(data)
    text = data[mark:].decode(encoding, errors="replace")
    return [(found[1], _lines(found)) for found in _BLOCK.finditer(text)]


def _lines(found: "re.Match[str]") -> bytes:
    lines = [line.strip() for line in found[2].splitlines()]
    if ":" not in found[2]:  # an empty line ends headers, such as those of an encrypted key, and is nothing otherwise
        lines = [line for line in lines if line]
    body = "\n".join(lines).strip("\n")
    return f"-----BEGIN {found[1]}-----\n{body}\n-----END {found[1]}-----\n".encode("utf-8", errors="replace")


def certificates(data: bytes) -> list[bytes]:
    """The certificates in a file, each as a block of its own; one in DER counts too. None when there are none."""
    found = [block for label, block in blocks(data) if label in _CERTIFICATES]
    if not found and data[:1] == b"\x30":
        from cryptography import x509  # noqa: PLC0415 - slow to import, and few files are DER
        from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

        try:
            return [x509.load_der_x509_certificate(data).public_bytes(Encoding.PEM)]
        except ValueError:
            return []
    return found


def private_keys(data: bytes) -> list[bytes]:
    """The private keys in a file, each once: OpenSSL writes its parameters before one.

    Raises:
        IdentityError: There is none; the error never quotes what is there.
    """
    found = [block for label, block in blocks(data) if _KEY.fullmatch(label)]
    if not found:
        raise IdentityError("the private key cannot be read: the file has no private key in PEM")
    return list(dict.fromkeys(found))
