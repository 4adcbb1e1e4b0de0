"""The identities of a home's own processes and operators, all issued by the home's own two CAs."""

import json
import secrets
from pathlib import Path

from medconsent.fabric.ca import CAClient, Enrollment
from medconsent.fabric.errors import CAError
from medconsent.fabric.identity import Identity, PrivateKeySigner
from medconsent.fabric.wallet import load
from medconsent_network import files
from medconsent_network.errors import NetworkError
from medconsent_network.home import AUTHORITIES, Authority, Home

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
    """Make the one-time secrets with which a new CA begins. They are used up by `enrol` and then deleted."""
    for ca, registered in _REGISTERED.items():
        if home.ca_certificate(ca).exists() or home.secrets(ca).exists():
            continue
        identities = [
            {
                "name": name,
                "pass": secrets.token_urlsafe(24),
                "type": kind,
                "affiliation": "",
                # As for everybody registered later, the certificate names the person (":ecert": to be in it).
                "attrs": {"hf.EnrollmentID": f"{name}:ecert", "hf.Type": f"{kind}:ecert", **rights},
            }
            for name, (kind, rights) in registered.items()
        ]
        files.write_private(home.secrets(ca), json.dumps(identities))


def to_register(home: Home, ca: Authority) -> list[dict[str, object]]:
    """The identities that a CA registers when it first starts, as its configuration wants them."""
    file = home.secrets(ca)
    return list(json.loads(file.read_text())) if file.exists() else []


def complete(home: Home) -> bool:
    """Whether every identity of the home has been enrolled."""
    return home.msp.is_dir() and not any(home.secrets(ca).exists() for ca in AUTHORITIES)


def enrol(home: Home) -> None:
    """Enrol whatever of the home is not yet enrolled. Both CAs must be serving.

    Raises:
        NetworkError: CA_FAILED when a CA refuses.
    """
    if complete(home):
        return
    try:
        _enrol_signing(home)
        _enrol_tls(home)
    except CAError as error:
        raise NetworkError("CA_FAILED", f"a CA of {home.name} refused: {error}") from error
    _write_msp(home, home.msp)
    for ca in AUTHORITIES:
        home.secrets(ca).unlink(missing_ok=True)


def places(home: Home, ca: Authority) -> dict[str, Path]:
    """Where the identities stand that one of the home's CAs issued to the home itself, by enrolment id."""
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
    }


def certificate(place: Path) -> Path:
    """The certificate's file in such a place: an MSP folder, or one with certificate and key beside each other."""
    signing = place / "signcerts"
    return (signing if signing.is_dir() else place) / "cert.pem"


def client(home: Home, ca: Authority) -> CAClient:
    """A client of one of the home's CAs."""
    return CAClient(home.ca_url(ca), ca_name=f"{ca}-{home.name}", tls_root=home.ca_certificate(ca).read_bytes())


def signer(home: Home, user: str) -> tuple[Identity, PrivateKeySigner]:
    """An identity under `users/` of the home, and its signer."""
    return load(home.user(user), home.name)


def registrar(home: Home) -> Enrollment:
    """The home's registrar, who may register clients with the CA, give them roles, and revoke them."""
    identity, key = signer(home, "registrar")
    return Enrollment("registrar", identity.certificate_pem, home.ca_certificate("ca").read_bytes(), key)


def _enrol_signing(home: Home) -> None:
    passwords = _secrets(home, "ca")
    with client(home, "ca") as ca:
        for name, place in places(home, "ca").items():
            if not (place / "signcerts" / "cert.pem").exists():
                issued = ca.enroll(name, passwords[name])
                _write_msp(home, place)
                files.write_private(place / "keystore" / "key.pem", issued.private_key_pem)
                files.write_private(place / "signcerts" / "cert.pem", issued.certificate_pem)


def _enrol_tls(home: Home) -> None:
    passwords = _secrets(home, "tlsca")
    with client(home, "tlsca") as ca:
        for name, place in places(home, "tlsca").items():
            if not (place / "cert.pem").exists():
                _write_tls(place, ca.enroll(name, passwords[name], profile="tls", hosts=home.hosts))


def _write_tls(place: Path, issued: Enrollment) -> None:
    files.write_private(place / "ca.pem", issued.ca_chain_pem)
    files.write_private(place / "key.pem", issued.private_key_pem)
    files.write_private(place / "cert.pem", issued.certificate_pem)


def _write_msp(home: Home, place: Path) -> None:
    """The part of an MSP folder that is the same for all: the roots, and how NodeOUs are told apart."""
    files.write_private(place / "cacerts" / "ca.pem", home.ca_certificate("ca").read_bytes())
    files.write_private(place / "tlscacerts" / "tlsca.pem", home.tls_root.read_bytes())
    files.write_yaml(place / "config.yaml", _NODE_OUS)


def _secrets(home: Home, ca: Authority) -> dict[str, str]:
    return {one["name"]: one["pass"] for one in json.loads(home.secrets(ca).read_text())}
