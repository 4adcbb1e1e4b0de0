"""The small HTTP server of a service: `/metrics` for Prometheus, `/health` for whoever restarts what is unwell."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from medconsent.services.runtime.health import Health
from medconsent.services.runtime.metrics import CONTENT_TYPE


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of an address such as `127.0.0.1:9464`.

    Raises:
        ValueError: It is none.
    """
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise ValueError(f"{text!r} is no address: write HOST:PORT, as in 127.0.0.1:9464")
    return host, int(port)


class Server:
    """Serves while the body of the `with` statement runs, in threads of its own. It has no other door than GET."""

    def __init__(self, address: tuple[str, int], metrics: Callable[[], bytes], health: Health) -> None:
        """
        Args:
            address: Host and port to listen at; port 0 takes a free one.
            metrics: Gives the exposition to serve.
            health: What `/health` tells: 200 when the service is well, and otherwise 503.

        Raises:
            ValueError: The address cannot be used.
        """

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path in ("/", "/metrics"):
                    self._answer(200, CONTENT_TYPE, metrics())
                elif self.path == "/health":
                    report = health.report()
                    body = json.dumps(report.to_json()).encode() + b"\n"
                    self._answer(200 if report.well else 503, "application/json", body)
                else:
                    self._answer(404, "text/plain; charset=utf-8", b"there are /metrics and /health\n")

            def _answer(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None:
                """Scrapes are not worth a line each."""

        try:
            self._server = ThreadingHTTPServer(address, Handler)
        except OSError as error:
            raise ValueError(f"metrics cannot be served at {address[0]}:{address[1]}: {error}") from error

    @property
    def port(self) -> int:
        """The port it listens at."""
        return self._server.server_port

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
