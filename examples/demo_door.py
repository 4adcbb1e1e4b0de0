"""The two processes of hanbit's release, run beside the demo as an operator would run them."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from demo_steps import Desk, Unexpected, bold, say

_TLS = ("tls.pem", "tls.key")


@contextmanager
def opened(desk: Desk) -> Iterator[str]:
    """The options with which one fetches from hanbit, while its keyholder and its server run.

    Raises:
        Unexpected: One of them does not come up.
    """
    certify(desk.folder)
    holding = "release keyholder --folder keyholder"
    bodies, keys = "release serve archive --keyholder keyholder/keyholder.sock", "--cert tls.pem --tls-key tls.key"
    serving = f"{bodies} {keys} --listen 127.0.0.1:0"
    with (
        _process(desk, "hanbit/vault", holding, "listens at"),
        _process(desk, "hanbit/door", serving, "serving at") as told,
    ):
        yield f"--from {told.rpartition(' ')[2]} --ca tls.pem"


@contextmanager
def _process(desk: Desk, who: str, command: str, tells: str) -> Iterator[str]:
    words = ["--context", who, *shlex.split(command)]
    log = (desk.folder / f"{who.partition('/')[2]}.log").open("w+", encoding="utf-8")
    running = subprocess.Popen(
        [sys.executable, "-m", "medconsent_cli", *words],
        cwd=desk.folder,
        env=desk.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    assert running.stdout is not None  # noqa: S101 - a pipe was asked for
    try:
        line = next((line for line in running.stdout if tells in line), None)
        if line is None:
            log.seek(0)
            raise Unexpected(f"`medconsent {command}` ended: {log.read().strip()}")
        say(bold(f"$ medconsent {shlex.join(words)} &"))
        say(line)
        yield line.strip()
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(30)
        running.stdout.close()
        log.close()


def certify(folder: Path) -> None:
    """A TLS certificate for this machine that certifies itself, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "release.hanbit.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for file, content in zip(_TLS, (made.public_bytes(serialization.Encoding.PEM), secret), strict=True):
        with os.fdopen(os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(content)
