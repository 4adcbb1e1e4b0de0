"""The identities of a home's own processes and operators, all issued by the home's own two CAs.

Each enrols once, with a secret that is good for one enrolment and then deleted. The TLS CA comes first: it certifies
the listener of the enrolment CA, and its own.
"""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from medconsent.fabric.ca import CAClient, Enrollment
from medconsent.fabric.errors import CAError
from medconsent.fabric.identity import Identity, PrivateKeySigner
from medconsent.fabric.wallet import load
from medconsent_network import files
from medconsent_network.errors import NetworkError
from medconsent_network.home import AUTHORITIES, OPERATIONS_CLIENTS, Authority, Home
from medconsent_network.identities import pinned, registers

# Who enrols with which CA, as what (the type becomes the organisational unit that NodeOUs know), with what rights.
_REGISTRAR_RIGHTS = {
    "hf.Registrar.Roles": "client",
    "hf.Registrar.DelegateRoles": "client",
    "hf.Registrar.Attributes": "medconsent.roles",
    "hf.Revoker": "true",
    "hf.GenCRL": "true",
}
_REGISTERED: dict[Authority, dict[str, tuple[str, dict[str, str]]]] = {
    "ca": {
        "peer": ("peer", {}),
        "orderer": ("orderer", {}),
        "admin": ("admin", {}),
        "registrar": ("client", _REGISTRAR_RIGHTS),
    },
    "tlsca": {
        "peer": ("peer", {}),
        "orderer": ("orderer", {}),
        "chaincode": ("client", {}),
        "osnadmin": ("client", {}),
        "ca": ("client", {}),
        "tlsca": ("client", {}),
    },
}

_NODE_OUS = {
    "NodeOUs": {
        "Enable": True,
        **{
            f"{role}OUIdentifier": {"Certificate": "cacerts/ca.pem", "OrganizationalUnitIdentifier": role.lower()}
            for role in ("Client", "Peer", "Admin", "Orderer")
        },
    }
}


def prepare(home: Home) -> None:
    """Make what the home's identities begin with: one-time secrets for those that are missing. Its CAs must not run.

    The secrets are in `Home.secrets`, and gone once they are used. What was made in an earlier attempt may have been
    used without anybody having the certificate; so it is replaced, and the identity gets another enrolment id.
    """
    for name in OPERATIONS_CLIENTS:
        pinned.make_client(home.operations_client(name), f"{name}.{home.name}")
    for ca, registered in _REGISTERED.items():
        register = home.node(ca) / "fabric-ca-server.db"
        registers.close_used(register, registered)
        missing = [place for place in registered if not _enrolled(home, ca, place)]
        if not missing:
            home.secrets(ca).unlink(missing_ok=True)
            continue
        begun = register.is_file()
        identities = [_identity(place, f"{place}-{secrets.token_hex(4)}" if begun else place, ca) for place in missing]
        files.write_private(home.secrets(ca), json.dumps(identities))


def _identity(place: str, name: str, ca: Authority) -> dict[str, object]:
    kind, rights = _REGISTERED[ca][place]
    return {
        "place": place,
        "name": name,
        "pass": secrets.token_urlsafe(24),
        "maxenrollments": 1,
        "type": kind,
        "affiliation": "",
        # As for everybody registered later, the certificate names the person (":ecert": to be in it).
        "attrs": {"hf.EnrollmentID": f"{name}:ecert", "hf.Type": f"{kind}:ecert", **rights},
    }


def to_register(home: Home, ca: Authority) -> list[dict[str, object]]:
    """The identities that a CA registers when it starts, as its configuration wants them."""
    return [{key: value for key, value in one.items() if key != "place"} for one in _begun(home, ca)]


def prepared(home: Home) -> bool:
    """Whether there are secrets for all identities that are missing."""
    return all(
        _enrolled(home, ca, place) or place in {one["place"] for one in _begun(home, ca)}
        for ca, registered in _REGISTERED.items()
        for place in registered
    )


def founded(home: Home) -> bool:
    """Whether the home has an identity in the channel: it must never be begun anew."""
    return home.msp.is_dir()


def complete(home: Home) -> bool:
    """Whether every identity of the home has been enrolled, and no secret is left."""
    return (
        founded(home)
        and all(_enrolled(home, ca, place) for ca, registered in _REGISTERED.items() for place in registered)
        and not any(home.secrets(ca).exists() for ca in AUTHORITIES)
    )


def enrol_tls(home: Home) -> None:
    """Enrol what of the home has no TLS certificate yet. The TLS CA must be serving.

    Raises:
        NetworkError: CA_FAILED when it refuses.
    """
    _enrol(home, "tlsca", _write_tls)
    for ca in AUTHORITIES:  # what a CA makes itself when it starts without; the enrolment CA did until 0.2.0
        (home.node(ca) / "tls-cert.pem").unlink(missing_ok=True)


def enrol_signing(home: Home) -> None:
    """Enrol whoever of the home has no signing certificate yet. The enrolment CA must be serving.

    Raises:
        NetworkError: CA_FAILED when it refuses.
    """
    _enrol(home, "ca", lambda place, issued: _write_signing(home, place, issued))
    write_msp(home)


def _enrol(home: Home, ca: Authority, write: Callable[[Path, Enrollment], None]) -> None:
    begun = {one["place"]: one for one in _begun(home, ca)}
    profile, hosts = ("tls", home.hosts) if ca == "tlsca" else (None, [])
    try:
        with client(home, ca) as authority:
            for name, place in places(home, ca).items():
                if not _enrolled(home, ca, name):
                    who, secret = begun[name]["name"], begun[name]["pass"]
                    key = _key(place)
                    write(place, authority.enroll(who, secret, profile=profile, hosts=hosts, key=key))
    except CAError as error:
        raise NetworkError(
            "CA_FAILED",
            f"the {ca} of {home.name} refused: {error}",
            "If an earlier start was interrupted, `down` and `up` again: a secret is good once, and gets replaced.",
        ) from error
    home.secrets(ca).unlink(missing_ok=True)


def places(home: Home, ca: Authority) -> dict[str, Path]:
    """Where the identities stand that one of the home's CAs issued to the home itself, by what each is for."""
    if ca == "ca":
        return {
            "peer": home.node("peer") / "msp",
            "orderer": home.node("orderer") / "msp",
            "admin": home.user("admin"),
            "registrar": home.user("registrar"),
        }
    return {
        "peer": home.node("peer") / "tls",
        "orderer": home.node("orderer") / "tls",
        "chaincode": home.node("chaincode") / "tls",
        "osnadmin": home.user("osnadmin") / "tls",
        "ca": home.node("ca") / "tls",
        "tlsca": home.node("tlsca") / "tls",
    }


def certificate(place: Path) -> Path:
    """The certificate's file in such a place: an MSP folder, or one with certificate and key beside each other."""
    signing = place / "signcerts"
    return (signing if signing.is_dir() else place) / "cert.pem"


def client(home: Home, ca: Authority) -> CAClient:
    """A client of one of the home's CAs. Use it as a context manager."""
    return CAClient(home.ca_url(ca), ca_name=f"{ca}-{home.name}", tls_root=home.tls_root.read_bytes())


def signer(home: Home, user: str) -> tuple[Identity, PrivateKeySigner]:
    """An identity under `users/` of the home, and its signer.

    Args:
        home: The home.
        user: The folder's name, as `admin`.

    Raises:
        NetworkError: CERTIFICATE_ENDED when its certificate has ended: no peer and no CA would take it.
    """
    identity, key = load(home.user(user), home.name)
    if identity.expires <= datetime.now(UTC):
        raise NetworkError(
            "CERTIFICATE_ENDED",
            f"the certificate of {user} of {home.name} has ended on {identity.expires:%Y-%m-%d %H:%M} UTC",
            f"`medconsent-network renew --institution {home.name}` makes a new one.",
        )
    return identity, key


def registrar(home: Home) -> Enrollment:
    """The home's registrar, who may register clients with the CA, give them roles, and revoke them."""
    identity, key = signer(home, "registrar")
    return Enrollment("registrar", identity.certificate_pem, home.ca_certificate("ca").read_bytes(), key)


def write_msp(home: Home) -> None:
    """Write what others need to recognise the institution's identities, from its two roots."""
    _write_msp(home, home.msp)


def _write_tls(place: Path, issued: Enrollment) -> None:
    files.write_private(place / "ca.pem", issued.ca_chain_pem)
    files.write_private(place / "key.pem", issued.private_key_pem)
    files.write_private(place / "cert.pem", issued.certificate_pem)


def _write_signing(home: Home, place: Path, issued: Enrollment) -> None:
    _write_msp(home, place)
    files.write_private(place / "keystore" / "key.pem", issued.private_key_pem)
    files.write_private(place / "signcerts" / "cert.pem", issued.certificate_pem)


def _write_msp(home: Home, place: Path) -> None:
    """The part of an MSP folder that is the same for all: the roots, and how NodeOUs are told apart."""
    files.write_private(place / "cacerts" / "ca.pem", home.ca_certificate("ca").read_bytes())
    files.write_private(place / "tlscacerts" / "tlsca.pem", home.tls_root.read_bytes())
    files.write_yaml(place / "config.yaml", _NODE_OUS)


def _key(place: Path) -> PrivateKeySigner | None:
    """The key that is in such a place already: one whose certificate has ended stays, because the channel knows it."""
    file = place / "keystore" / "key.pem" if (place / "keystore").is_dir() else place / "key.pem"
    return PrivateKeySigner.from_pem(file.read_bytes()) if file.is_file() else None


def _enrolled(home: Home, ca: Authority, place: str) -> bool:
    return certificate(places(home, ca)[place]).is_file()


def _begun(home: Home, ca: Authority) -> list[dict[str, Any]]:
    """What stands in the file of one-time secrets."""
    file = home.secrets(ca)
    return list(json.loads(file.read_text())) if file.exists() else []
