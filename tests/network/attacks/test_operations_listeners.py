"""Another user of the machine reaches for the listeners on which processes tell of themselves, and can be told things.

Through Fabric's `PUT /logspec` with the level `payload` a peer writes private texts into its log.
"""

import http.client
import json
import ssl
from pathlib import Path

import pytest
from lone import NAME, Lone

from medconsent_network.home import Home
from medconsent_network.status import status, well

LISTENERS = ("peer", "orderer", "ca", "tlsca")
PATHS = ("/healthz", "/version", "/metrics", "/logspec")
PAYLOAD = json.dumps({"spec": "payload"})


def test_nobody_without_a_certificate_is_answered(lone: Lone) -> None:
    for process in LISTENERS:
        for path in PATHS:
            assert plainly(lone.home, process, "GET", path) in ("", "400"), f"{process} {path}"
            assert asked(lone.home, process, "GET", path, None) == "", f"{process} {path}"
        assert plainly(lone.home, process, "PUT", "/logspec", PAYLOAD) in ("", "400")
        assert asked(lone.home, process, "PUT", "/logspec", None, body=PAYLOAD) == ""


def test_no_other_certificate_of_the_home_or_its_people_opens_one(lone: Lone) -> None:
    """Not a researcher's, and not those that the TLS CA gave the home's own servers and clients."""
    home = lone.home
    others = [
        lone.network.enrol(NAME, "curious", ["researcher"]),
        home.node("peer") / "tls",
        home.node("chaincode") / "tls",
        home.user("osnadmin") / "tls",
    ]
    for process in LISTENERS:
        for folder in others:
            assert asked(home, process, "GET", "/healthz", folder) == "", f"{process} {folder}"
            assert asked(home, process, "PUT", "/logspec", folder, body=PAYLOAD) == "", f"{process} {folder}"


def test_a_scraper_reads_metrics_of_every_process(lone: Lone) -> None:
    scraper = lone.home.user("scraper") / "tls"
    for process in LISTENERS:
        assert asked(lone.home, process, "GET", "/metrics", scraper) == "200", process


def test_no_process_is_told_to_log_payloads(lone: Lone) -> None:
    settings = (lone.home / "supervisor" / "supervisord.conf").read_text().lower()
    assert "payload" not in settings
    assert "debug" not in settings


@pytest.mark.parametrize(("process", "spec"), [("peer", "payload"), ("orderer", "info:orderer=debug")])
def test_what_remains_is_seen(lone: Lone, process: str, spec: str) -> None:
    """Whoever holds one of the two certificates can do it all the same: Fabric knows no difference. `status` tells."""
    home, scraper = lone.home, lone.home.user("scraper") / "tls"
    assert well(status([home]))
    try:
        assert asked(home, process, "PUT", "/logspec", scraper, body=json.dumps({"spec": spec})) == "204"
        rows = {row.process: row for row in status([home])}
        assert f"the {process} was told to log what goes through it" in rows[process].alarm
        assert not well(rows.values())
    finally:
        lone.network.stop(NAME, process)
        lone.network.start(NAME, process)
        lone.network.wait_ready()
    assert well(status([home]))


def plainly(home: Home, process: str, method: str, path: str, body: str | None = None) -> str:
    """The status of an answer to plain HTTP; empty when there was none."""
    return _answer(http.client.HTTPConnection("127.0.0.1", _port(home, process), timeout=5), method, path, body)


def asked(home: Home, process: str, method: str, path: str, who: Path | None, *, body: str | None = None) -> str:
    """The status of an answer over TLS to the holder of the key in the folder `who`; empty when there was none."""
    context = ssl.create_default_context(cafile=str(home.tls_root))
    if who:
        context.load_cert_chain(who / "cert.pem", who / "key.pem")
    connection = http.client.HTTPSConnection("127.0.0.1", _port(home, process), timeout=5, context=context)
    return _answer(connection, method, path, body)


def _answer(connection: http.client.HTTPConnection, method: str, path: str, body: str | None) -> str:
    try:
        connection.request(method, path, body)
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()


def _port(home: Home, process: str) -> int:
    return home.institution.port(f"{process}-operations")
