"""Fabric CA over REST: enrol, register, modify, re-enrol, revoke, and what it has issued.

Requests of an enrolled identity carry a token in the `authorization` header,
`base64(certificate).base64(signature)`. Since Fabric CA 1.4 the signature covers method, path and query, body and
certificate (`util.GenECDSAToken`); from 1.5.14 on the older form, over body and certificate only, is refused by
default.
"""

from medconsent.fabric.ca.client import AsyncCAClient, CAClient
from medconsent.fabric.ca.signing import certificate_request, token, token_payload
from medconsent.fabric.ca.values import (
    Affiliation,
    CAInfo,
    Enrollment,
    IssuedCertificate,
    RegisteredIdentity,
    Registrar,
    Revocation,
)

__all__ = [
    "Affiliation",
    "AsyncCAClient",
    "CAClient",
    "CAInfo",
    "Enrollment",
    "IssuedCertificate",
    "RegisteredIdentity",
    "Registrar",
    "Revocation",
    "certificate_request",
    "token",
    "token_payload",
]
