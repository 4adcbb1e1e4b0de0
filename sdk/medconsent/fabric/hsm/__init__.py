"""Keys that never leave a hardware security module: PKCS #11 tokens (extra `pkcs11`).

    with Token("/usr/lib/softhsm/libsofthsm2.so", "fabric", pin) as token:
        signer = token.signer(label="kim")
        with Gateway("peer.example:7051", identity, signer, tls_root=pem) as gateway: ...

A signer of a token is used as any other, for enrolment too: `CAClient.enroll(..., key=token.generate(label="kim"))`.
"""

from .token import Token

__all__ = ["Token"]
