"""The two processes of hanbit's release, run beside the demo as an operator would run them."""

import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from demo_steps import Desk, Unexpected, bold, say

from medconsent_network.identities.pinned import make_server


@contextmanager
def opened(desk: Desk) -> Iterator[str]:
    """The options with which one fetches from hanbit, while its keyholder and its server run.

    Raises:
        Unexpected: One of them does not come up.
    """
    make_server(desk.folder)
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
