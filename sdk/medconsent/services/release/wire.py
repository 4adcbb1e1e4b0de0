"""What the server and the keyholder say to each other: JSON in frames, over a Unix socket."""

import json
import socket
from pathlib import Path
from typing import Any

from medconsent.errors import HeaderRefused, ReleaseError, Unreachable

MOST_BYTES = 8 << 20
"""A frame has at most so many bytes."""
_LENGTH = 4


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one frame.

    Args:
        connection: The Unix socket, connected.
        message: What is said, as JSON in one frame.
    """
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    connection.sendall(len(text).to_bytes(_LENGTH, "big") + text)


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """One frame; None when the other side has nothing more to say.

    Raises:
        ReleaseError: It is too long, was cut, or is no JSON object.
    """
    first = _exactly(connection, _LENGTH)
    if not first:
        return None
    size = int.from_bytes(first, "big")
    if len(first) < _LENGTH or size > MOST_BYTES:
        raise ReleaseError("a frame is too long, or was cut")
    text = _exactly(connection, size)
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReleaseError("a frame is no JSON") from error
    if len(text) < size or not isinstance(message, dict):
        raise ReleaseError("a frame was cut, or is no object")
    return message


def ask(path: Path, message: dict[str, Any], *, seconds: float = 30.0) -> dict[str, Any]:
    """The keyholder's answer.

    Args:
        path: The keyholder's Unix socket.
        message: The question.
        seconds: How long the keyholder may take for each read and write.

    Raises:
        HeaderRefused: It gives none; `details` has its reasons.
        Unreachable: It does not answer.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(seconds)
            connection.connect(str(path))
            send(connection, message)
            answer = receive(connection)
    except OSError as error:
        raise Unreachable(f"the keyholder at {path} does not answer: {error.strerror or error}") from error
    if answer is None:
        raise Unreachable(f"the keyholder at {path} ended without an answer")
    if "refused" in answer:
        reasons = answer["refused"]
        raise HeaderRefused("; ".join(one["message"] for one in reasons), details=reasons)
    return answer


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts, have = [], 0
    while have < size and (part := connection.recv(min(size - have, 1 << 20))):
        parts.append(part)
        have += len(part)
    return b"".join(parts)
