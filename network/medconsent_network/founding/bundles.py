"""An institution's public bundle: who it is, where it is reached, its roots, its orderer's certificates. No key."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509

from medconsent_network import files, identities
from medconsent_network.errors import NetworkError
from medconsent_network.founding import certificates, papers, terms
from medconsent_network.founding.papers import Paper
from medconsent_network.home import Home
from medconsent_network.spec import Institution, Spec, read_institution
from medconsent_network.spec.services import SERVICES

KIND = "bundle"
MOST_BYTES = 64 * 1024
_MEMBERS = {"institution", "terms", "ca", "tlsca", "orderer_tls", "orderer_identity"}


@dataclass(frozen=True)
class Bundle:
    """A bundle whose every part was looked at.

    Attributes:
        institution: Whose it is; with the ports that other institutions use.
        terms: What that institution expects of the consortium.
        ca: The root of its people, peers and administrators (PEM).
        tlsca: The root of its servers (PEM).
        orderer_tls: The certificate that its orderer shows to the others (PEM).
        orderer_identity: The certificate that its orderer signs blocks with (PEM).
        digest: SHA-256 of the whole.
    """

    institution: Institution
    terms: Mapping[str, Any]
    ca: str
    tlsca: str
    orderer_tls: str
    orderer_identity: str
    digest: str

    @property
    def name(self) -> str:
        """The institution's name, which is its MSP ID."""
        return self.institution.name

    @property
    def fingerprint(self) -> str:
        """What two people compare over the telephone."""
        return papers.fingerprint(self.digest)

    @property
    def roots(self) -> tuple[x509.Certificate, x509.Certificate]:
        """The two root certificates: of people, and of servers."""
        return (certificates.one(self.ca, "enrolment root"), certificates.one(self.tlsca, "TLS root"))

    def lay_out(self, folder: Path, spec: Spec) -> Home:
        """Write the public part of the institution's home into `folder`, as `membership.genesis` reads it."""
        home = Home(folder / self.name, spec.institution(self.name), spec)
        files.write_private(home.ca_certificate("ca"), self.ca)
        files.write_private(home.ca_certificate("tlsca"), self.tlsca)
        files.write_private(home.node("orderer") / "tls" / "cert.pem", self.orderer_tls)
        files.write_private(home.node("orderer") / "msp" / "signcerts" / "cert.pem", self.orderer_identity)
        identities.write_msp(home)
        return home


def write(home: Home, quorum: int | str, path: Path) -> Bundle:
    """Write the bundle of a home that has its certificates.

    Args:
        home: The home.
        quorum: How many admins change the membership: `all`, or a number.
        path: The bundle's file.

    Raises:
        NetworkError: HOME_MISSING when it has not; PAPER_INVALID when the file cannot be written.
    """
    paper = papers.write(path, KIND, content(home, quorum))
    return _checked(paper, str(path))


def content(home: Home, quorum: int | str) -> dict[str, Any]:
    """What a home's bundle says.

    Args:
        home: The home.
        quorum: How many admins change the membership: `all`, or a number.

    Raises:
        NetworkError: HOME_MISSING when the home has not all its certificates.
    """
    if not identities.complete(home):
        raise NetworkError(
            "HOME_MISSING", f"{home.path} has not all its certificates yet", "`medconsent-network home init` goes on."
        )
    one = home.institution
    public = {name: one.port(name) for name, service in SERVICES.items() if not service.loopback and one.has_port(name)}
    return {
        "institution": {**one.to_mapping(), "ports": public},
        "terms": terms.of(home.spec, quorum),
        "ca": home.ca_certificate("ca").read_text(),
        "tlsca": home.tls_root.read_text(),
        "orderer_tls": identities.certificate(home.node("orderer") / "tls").read_text(),
        "orderer_identity": identities.certificate(home.node("orderer") / "msp").read_text(),
    }


def read(path: Path) -> Bundle:
    """Read another institution's bundle, and look at every part of it.

    Raises:
        NetworkError: PAPER_INVALID when it is too large, damaged or no bundle; KEY_INSIDE when there is a private key
            in it; BUNDLE_REFUSED when its certificates are not what they have to be.
    """
    return _checked(papers.read(path, KIND, most=MOST_BYTES), str(path))


def of_home(home: Home, quorum: int | str) -> Bundle:
    """The home's own bundle, made now.

    The arguments are those of `content`.
    """
    said = content(home, quorum)
    return _checked(Paper(KIND, said, papers.digest(KIND, said)), str(home.path))


def _checked(paper: Paper, source: str) -> Bundle:
    if set(paper.content) != _MEMBERS:
        odd = ", ".join(sorted(set(paper.content) ^ _MEMBERS))
        raise papers.invalid(f"{source} lacks, or has besides: {odd[:200]}")
    try:
        institution = read_institution(paper.content["institution"], "institution")
    except NetworkError as error:
        raise NetworkError("BUNDLE_REFUSED", f"{source}: {error.message}") from error
    name = institution.name
    ca, tlsca = (paper.text(member) for member in ("ca", "tlsca"))
    root = certificates.root(ca, f"ca-{name}", "enrolment root")
    tls_root = certificates.root(tlsca, f"tlsca-{name}", "TLS root")
    if root.public_key() == tls_root.public_key():
        raise certificates.refused("the enrolment root and the TLS root are one key")
    tls = certificates.one(paper.text("orderer_tls"), "orderer's TLS certificate")
    certificates.require_issued(tls, tls_root, "the orderer's TLS certificate is not of the TLS root")
    if institution.host not in certificates.names(tls):
        raise certificates.refused(f"the orderer's TLS certificate is not good for the host {institution.host}")
    identity = certificates.one(paper.text("orderer_identity"), "orderer's certificate")
    certificates.require_issued(identity, root, "the orderer's certificate is not of the enrolment root")
    if "orderer" not in certificates.units(identity):
        raise certificates.refused(
            "the orderer's certificate has not the unit orderer: blocks signed by it are refused"
        )
    agreed = paper.content["terms"]
    if not isinstance(agreed, dict) or not terms.readable(agreed):
        raise papers.invalid(f"{source}: terms must be a mapping of keys to values")
    return Bundle(
        institution,
        agreed,
        ca,
        tlsca,
        paper.text("orderer_tls"),
        paper.text("orderer_identity"),
        paper.digest,
    )
