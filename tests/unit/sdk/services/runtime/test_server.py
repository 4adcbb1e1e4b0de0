"""Metrics and health over HTTP, and addresses at which nothing can be served."""

import http.client
import json
from collections.abc import Iterator

import pytest

from medconsent.services.runtime.health import Health
from medconsent.services.runtime.server import Server, parse_address


@pytest.fixture
def health() -> Health:
    return Health(1.0)


@pytest.fixture
def line(health: Health) -> Iterator[http.client.HTTPConnection]:
    """A connection to a server with one metric."""
    with Server(("127.0.0.1", 0), lambda: b"medconsent_watch_alarm 0\n", health) as server:
        found = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        yield found
        found.close()


@pytest.mark.parametrize("path", ["/", "/metrics"])
def test_metrics(line: http.client.HTTPConnection, path: str) -> None:
    line.request("GET", path)
    answer = line.getresponse()
    assert (answer.status, answer.read()) == (200, b"medconsent_watch_alarm 0\n")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")


def test_health(line: http.client.HTTPConnection, health: Health) -> None:
    line.request("GET", "/health")
    answer = line.getresponse()
    assert (answer.status, json.loads(answer.read())) == (200, {"status": "well"})
    health._patience = -1
    line.request("GET", "/health")
    answer = line.getresponse()
    assert (answer.status, json.loads(answer.read())) == (503, {"status": "unwell"})


@pytest.mark.parametrize(("verb", "path", "status"), [("GET", "/elsewhere", 404), ("POST", "/metrics", 501)])
def test_there_is_no_other_door(line: http.client.HTTPConnection, verb: str, path: str, status: int) -> None:
    line.request(verb, path)
    assert line.getresponse().status == status


@pytest.mark.parametrize("text", ["nonsense", "127.0.0.1:x", "127.0.0.1:99999", ":80", "127.0.0.1:"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="write HOST:PORT"):
        parse_address(text)


def test_an_address_that_is_not_ours(health: Health) -> None:
    with pytest.raises(ValueError, match=r"metrics cannot be served at 256\.0\.0\.1:1"):
        Server(parse_address("256.0.0.1:1"), lambda: b"", health)
