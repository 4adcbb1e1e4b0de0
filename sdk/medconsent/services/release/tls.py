"""TLS on a connection's own socket.

asyncio's TLS takes all that is sent through buffers in memory and copies it four times, with the whole of a body in
Python's hands. Here OpenSSL writes into the socket: what is left of a body's way is one read and one encryption
(decision 0032 has what that is worth).
"""

import asyncio
import socket
import ssl
import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from medconsent.errors import DocumentError

HANDSHAKE_WITHIN = 15.0
"""Seconds within which a connection's handshake is done."""
_MOST_AT_ONCE = 65_536  # bytes that are read at once
_HIGH_WATER = 65_536  # bytes that may wait before who writes is asked to wait


_UNSENT = 1 << 18  # bytes that the kernel may hold and has not sent


def context(cert: Path, key: Path) -> ssl.SSLContext:
    """The settings of a server: TLS 1.2 and 1.3.

    Args:
        cert: The certificate, PEM.
        key: Its key, PEM.

    Raises:
        DocumentError: They cannot be read, or do not belong together.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        made.load_cert_chain(cert, key, lambda: "")  # nobody is asked for a password
    except (OSError, ssl.SSLError) as error:
        raise DocumentError(f"{cert} and {key} are no certificate and its key: {error}") from error
    return made


class Accepting(asyncio.Protocol):
    """A plain connection that has just come: its socket is taken over, and TLS begins on it."""

    def __init__(self, settings: ssl.SSLContext, protocol: Callable[[], asyncio.Protocol]) -> None:
        """
        Args:
            settings: Of TLS.
            protocol: Makes the protocol that is spoken inside.
        """
        self._settings, self._protocol = settings, protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        plain: socket.socket = transport.get_extra_info("socket").dup()
        transport.abort()  # type: ignore[attr-defined]  # closes its own descriptor alone
        Connection(asyncio.get_running_loop(), plain, self._settings, self._protocol())


class Connection(asyncio.Transport):
    """What a protocol sends and receives by, with TLS by OpenSSL on the socket itself.

    All of it runs in the loop's thread.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        plain: socket.socket,
        settings: ssl.SSLContext,
        protocol: asyncio.Protocol,
    ) -> None:
        """
        Args:
            loop: The loop that runs.
            plain: A connected socket, which is closed with this.
            settings: Of TLS.
            protocol: Is told of the connection when the handshake is done; of one that fails it never hears.
        """
        plain.setblocking(False)
        # What the kernel has taken cannot be held back any more: it takes little before it has sent that.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
        self._socket = settings.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        super().__init__({"sslcontext": settings, "socket": self._socket})
        self._loop = loop
        self._protocol: Any = protocol
        self._waiting: deque[memoryview] = deque()
        self._size = 0
        self._made = self._closing = self._closed = False
        self._reading, self._writing, self._asked_to_wait = True, False, False
        self._deadline = loop.call_later(HANDSHAKE_WITHIN, self.abort)
        self._shake()

    def _shake(self) -> None:
        """Go on with the handshake."""
        if self._closed:
            return
        descriptor = self._socket.fileno()
        self._loop.remove_reader(descriptor)
        self._loop.remove_writer(descriptor)
        try:
            self._socket.do_handshake()
        except ssl.SSLWantReadError:
            self._loop.add_reader(descriptor, self._shake)
        except ssl.SSLWantWriteError:
            self._loop.add_writer(descriptor, self._shake)
        except OSError:  # SSLError is one
            self.abort()
        else:
            self._deadline.cancel()
            self._made = True
            self._protocol.connection_made(self)
            self._loop.add_reader(descriptor, self._read)
            self._read()  # what came with the handshake

    def _read(self) -> None:
        """Take what has come. OpenSSL may hold some of it, of which the socket does not tell."""
        while self._reading and not self._closing:
            try:
                data = self._socket.recv(_MOST_AT_ONCE)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except OSError as error:
                self._end(error)
                return
            if not data:
                self._protocol.eof_received()
                self.close()
                return
            self._protocol.data_received(data)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, and keep what the socket does not take now."""
        if self._closing or not data:
            return
        self._waiting.append(memoryview(bytes(data)))
        self._size += len(data)
        if not self._writing:
            self._send()

    def _send(self) -> None:
        try:
            while self._waiting:
                piece = self._waiting[0]
                taken = self._socket.send(piece)
                self._size -= taken
                if taken == len(piece):
                    self._waiting.popleft()
                else:
                    self._waiting[0] = piece[taken:]
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
            # What waits for the other side to speak is tried again as well: the socket can be written meanwhile.
            self._wait_to_write()
            return
        except OSError as error:
            self._end(error)
            return
        if self._writing:
            self._writing = False
            self._loop.remove_writer(self._socket.fileno())
        if self._asked_to_wait:
            self._asked_to_wait = False
            self._protocol.resume_writing()
        if self._closing:
            self._end(None, orderly=True)

    def _wait_to_write(self) -> None:
        if not self._writing:
            self._writing = True
            self._loop.add_writer(self._socket.fileno(), self._send)
        if self._size > _HIGH_WATER and not self._asked_to_wait:
            self._asked_to_wait = True
            self._protocol.pause_writing()

    def _end(self, error: Exception | None, *, orderly: bool = False) -> None:
        """Close the socket; what waits is dropped. The protocol hears of it when what runs now is over."""
        if self._closed:
            return
        self._closing = self._closed = True
        self._deadline.cancel()
        self._waiting.clear()
        self._size = 0
        descriptor = self._socket.fileno()
        self._loop.remove_reader(descriptor)
        self._loop.remove_writer(descriptor)
        if orderly and self._made:
            with suppress(OSError, ValueError):
                self._socket.unwrap()  # says that nothing was cut off; the answer is not waited for
        if not orderly:  # what the kernel holds is dropped as well
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()
        if self._made:
            self._loop.call_soon(self._protocol.connection_lost, error)

    def close(self) -> None:
        """Send what waits, then end."""
        self._closing = True
        if not self._waiting:
            self._end(None, orderly=True)

    def abort(self) -> None:
        """End now; what waits is dropped."""
        self._end(None)

    def is_closing(self) -> bool:
        """Whether it ends, or has ended."""
        return self._closing

    def pause_reading(self) -> None:
        """Take nothing for a while."""
        self._reading = False
        if not self._closed:
            self._loop.remove_reader(self._socket.fileno())

    def resume_reading(self) -> None:
        """Go on taking what comes."""
        self._reading = True
        if not self._closed:
            self._loop.add_reader(self._socket.fileno(), self._read)
            self._loop.call_soon(self._read)

    def is_reading(self) -> bool:
        """Whether it takes what comes."""
        return self._reading and not self._closing

    def get_write_buffer_size(self) -> int:
        """How many bytes wait to be sent."""
        return self._size

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """From how few bytes on who writes goes on, and from how many it waits."""
        return 0, _HIGH_WATER

    def can_write_eof(self) -> bool:
        """TLS has no half of a connection."""
        return False

    def get_protocol(self) -> Any:
        """What is spoken inside."""
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Speak something else from now on."""
        self._protocol = protocol
