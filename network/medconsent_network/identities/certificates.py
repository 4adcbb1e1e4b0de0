"""The certificates of a home's own, and until when they hold.

One that has ended is good for nothing: a CA takes no request signed with it, and Fabric's programs do not start with
it. What says so names the date and the command that mends it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from medconsent_network import identities
from medconsent_network.errors import NetworkError
from medconsent_network.home import AUTHORITIES, WATCHER, Authority, Home


@dataclass(frozen=True)
class Own:
    """One certificate of a home's own.

    Attributes:
        title: What it is for.
        ca: Which of the home's CAs issued it.
        place: The folder that it stands in, with its key.
    """

    title: str
    ca: Authority
    place: Path

    @property
    def file(self) -> Path:
        """Its file (PEM)."""
        return identities.certificate(self.place)

    @property
    def ends(self) -> datetime:
        """When it ends (UTC)."""
        return ends(self.file)


def ends(certificate: Path) -> datetime:
    """When a certificate in a PEM file ends (UTC)."""
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc


def owned(home: Home) -> list[Own]:
    """The certificates that the home's CAs issued to the home itself, and that are there."""
    found = []
    for ca in AUTHORITIES:
        for name, place in identities.places(home, ca).items():
            found.append(Own(f"{name} (TLS)" if ca == "tlsca" else name, ca, place))
    found.append(Own(WATCHER, "ca", home.user(WATCHER)))
    return [own for own in found if own.file.is_file()]


def ended(home: Home) -> list[Own]:
    """Those of `owned` that have ended."""
    now = datetime.now(UTC)
    return [own for own in owned(home) if own.ends <= now]


def roots(home: Home) -> dict[Authority, datetime]:
    """When the roots of the home's CAs end; nothing that they issue lasts longer."""
    return {ca: ends(home.ca_certificate(ca)) for ca in AUTHORITIES if home.ca_certificate(ca).is_file()}


def require_none_ended(homes: Iterable[Home]) -> None:
    """Refuse to go on with certificates that have ended.

    Raises:
        NetworkError: CERTIFICATE_ENDED with each of them, its date, and the command that mends it.
    """
    found = [(home, each) for home in homes if (each := ended(home))]
    if found:
        raise NetworkError(
            "CERTIFICATE_ENDED",
            "; ".join(f"{home.name}: {sentence(each)}" for home, each in found),
            mend(found[0][0].name if len(found) == 1 else ""),
        )


def sentence(those: Sequence[Own]) -> str:
    """That certificates have ended, and when."""
    titles = ", ".join(f"{own.title} ({day(own.ends)})" for own in those)
    return f"the certificate of {titles} has ended" if len(those) == 1 else f"certificates have ended: {titles}"


def mend(institution: str = "") -> str:
    """The command for it."""
    option = f" --institution {institution}" if institution else ""
    return f"`medconsent-network renew{option}` makes new ones, for the keys that are there."


def day(moment: datetime) -> str:
    """A moment in words: to the minute, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
