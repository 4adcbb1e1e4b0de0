"""What a home has to reach and to agree with: the other institutions, their clocks, the rules of the channel."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPSConnection

from medconsent.fabric.errors import FabricError
from medconsent_network import agreement
from medconsent_network.doctor.findings import Finding
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.membership import hardened, updates
from medconsent_network.spec import Institution

_SECONDS = 3.0
FAR, TOO_FAR = 30.0, 300.0
"""Seconds that a clock may differ: from the first on that is told; past the second the contract refuses."""


def others(home: Home) -> Iterator[Finding]:
    """Whether each other institution's peer and orderer answer, with a certificate of that institution's TLS CA."""
    for one in home.spec.institutions:
        if one.name == home.name:
            continue
        for service in ("peer", "orderer"):
            where = f"the {service} of {one.name} ({one.address(service)})"
            said = _handshake(home, one, service)
            if not said:
                yield Finding("others", "ok", f"{where} answers")
            else:
                mend = "Let firewalls on both sides pass this port; ask that institution whether it runs."
                yield Finding("others", "wrong", f"{where} is not reached: {said}", mend)


def clock(home: Home) -> Iterator[Finding]:
    """How far this machine's clock is from those of the other institutions' CAs, which tell the time to the second."""
    asked = 0
    for one in home.spec.institutions:
        if one.name == home.name or (off := _off(home, one)) is None:
            continue
        asked += 1
        said = f"this machine's clock is {abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} that of {one.name}"
        if abs(off) <= FAR:
            yield Finding("clock", "ok", f"this machine's clock agrees with that of {one.name}")
        else:
            mend = "One of the two is wrong: look at NTP (`timedatectl`, `chronyc tracking`) at both."
            yield Finding("clock", "wrong" if abs(off) > TOO_FAR else "warning", said, mend)
    if not asked:
        yield Finding("clock", "unknown", "no other institution's CA could be asked for the time")


def channel(home: Home) -> Iterator[Finding]:
    """Whether the channel, as the home's own peer has it, is hardened, and is the one that the file describes."""
    try:
        config = updates.current(home)
    except (NetworkError, FabricError) as error:
        yield Finding("channel", "unknown", f"the home's peer does not show the channel: {error}")
        return
    soft = hardened.softened(config, home.spec.quorum)
    for sentence in soft:
        mend = "Decide nothing from this ledger until you know who changed that (docs/decisions/0005)."
        yield Finding("channel", "wrong", sentence, mend)
    if not soft:
        yield Finding("channel", "ok", "the channel's rules are hardened")
    for difference in agreement.differences(home):
        told = difference.error()
        yield Finding("channel", "wrong", told.message, told.hint or "")


def _handshake(home: Home, one: Institution, service: str) -> str:
    """Why a service of another institution is not reached; empty when it is."""
    root = home.tls_root_of(one.name)
    if not root.is_file():
        return "its TLS root is not here"
    context = ssl.create_default_context(cafile=str(root))
    context.set_alpn_protocols(["h2"])
    try:
        with (
            socket.create_connection((one.host, one.port(service)), _SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=one.host),
        ):
            return ""
    except OSError as error:
        return str(error)


def _off(home: Home, one: Institution) -> float | None:
    """Seconds that this clock is ahead of another institution's; None when its CA does not tell."""
    root = home.tls_root_of(one.name)
    if not root.is_file():
        return None
    context = ssl.create_default_context(cafile=str(root))
    connection = HTTPSConnection(one.host, one.port("ca"), timeout=_SECONDS, context=context)
    try:
        connection.request("GET", "/cainfo")
        told = connection.getresponse().getheader("Date")
        return (datetime.now(UTC) - parsedate_to_datetime(told)).total_seconds() if told else None
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
