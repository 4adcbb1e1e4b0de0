"""The file with a person's public delivery key: as `crypt4gh-keygen` writes it, or X25519 in PEM (as OpenSSL does).

-----BEGIN CRYPT4GH PUBLIC KEY-----
qqIMCHe4hq...=
-----END CRYPT4GH PUBLIC KEY-----
"""

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from medconsent.errors import DocumentError

_BEGIN, _END = "-----BEGIN CRYPT4GH PUBLIC KEY-----", "-----END CRYPT4GH PUBLIC KEY-----"
_LENGTH = 32


def read_delivery_key(data: bytes, name: str = "the file") -> bytes:
    """The 32 bytes of the key in a file.

    Args:
        data: What is in the file.
        name: What the file is called in messages.

    Raises:
        DocumentError: It is not a public X25519 key. A private one is refused with the same words, and never quoted.
    """
    try:
        text = data.decode("ascii").strip()
        if text.startswith(_BEGIN) and text.endswith(_END):
            key = base64.b64decode("".join(text[len(_BEGIN) : -len(_END)].split()), validate=True)
        else:
            loaded = load_pem_public_key(data)
            if not isinstance(loaded, X25519PublicKey):
                raise ValueError
            key = loaded.public_bytes(Encoding.Raw, PublicFormat.Raw)
        if len(key) != _LENGTH:
            raise ValueError
    except (ValueError, binascii.Error) as error:
        raise DocumentError(
            f"{name} is no public X25519 key",
            hint="`crypt4gh-keygen --sk FILE.sec --pk FILE.pub` makes one: the file for this is FILE.pub",
        ) from error
    return key
