"""Each of three programs is killed at random: no header without its receipt, no receipt without its outcome.

The moments are random and told, so that a run that failed can be repeated with its seed (MEDCONSENT_CRASH_SEED).
"""

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from people import Person
from releasing import Door, give_delivery_key, keep
from scenario import Cast

from medconsent.release import journal
from medconsent.release.stored import Archive
from medconsent_network.identities.pinned import make_server

ROUNDS = int(os.environ.get("MEDCONSENT_CRASH_ROUNDS", "9"))
FILES = {f"f{number}.bin": bytes([number]) * 300_000 for number in range(8)}
OVER = ("completed", "aborted")


class Program:
    """A program of the release, as a process that can be killed and started again."""

    def __init__(self, person: Person, *arguments: str, tells: str = "") -> None:
        self._person, self._arguments, self._tells = person, arguments, tells
        self._running: subprocess.Popen[str] | None = None

    def start(self) -> str:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MEDCONSENT_")}
        environment |= {"MEDCONSENT_HOME": str(self._person.home), "NO_COLOR": "1"}
        command = [sys.executable, "-m", "medconsent_cli", *self._arguments]
        self._running = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._running.stdout is not None
        if not self._tells:
            return ""
        said = []
        for line in self._running.stdout:
            said.append(line)
            if self._tells in line:
                return "".join(said)
        raise AssertionError(f"{command} ended: {said}")

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._running is not None:
            self._running.send_signal(how)
            self.wait()

    def wait(self) -> int:
        assert self._running is not None
        self._running.communicate(timeout=120)
        return self._running.returncode


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def given(headers: Path) -> dict[str, int]:
    """How many headers were given under each receipt."""
    with sqlite3.connect(headers / journal.FILE) as connection:
        return dict(connection.execute("SELECT receipt, count(*) FROM given GROUP BY receipt"))


def test_no_header_without_a_receipt_and_no_receipt_without_its_outcome(cast: Cast, tmp_path: Path) -> None:
    seed = int(os.environ.get("MEDCONSENT_CRASH_SEED", str(time.time_ns() % 1_000_000)))
    chosen = random.Random(seed)  # noqa: S311 - no secret
    source, archive, headers = tmp_path / "version", tmp_path / "archive", tmp_path / "keyholder"
    source.mkdir()
    for path, content in FILES.items():
        (source / path).write_bytes(content)
    cast.publish("crashing", source)
    give_delivery_key(cast)
    keep(cast, "hanbit/crashing", source, archive, headers)
    holder, gateway = cast.enrol("hanbit/keyholder"), cast.people["hanbit/gateway"]
    cert, secret = make_server(tmp_path)
    place, port = tmp_path / "k.sock", free_port()
    keyholder = Program(
        holder, "release", "keyholder", "--folder", str(headers), "--socket", str(place), tells="listens at"
    )
    server = Program(
        gateway, "release", "serve", str(archive), "--keyholder", str(place), "--cert", str(cert), "--tls-key",
        str(secret), "--listen", f"127.0.0.1:{port}", "--idle", "3s", tells="serving at",
    )  # fmt: skip
    door = Door(cast, "hanbit/crashing", f"https://127.0.0.1:{port}", cert, place, Archive(archive))
    grant = door.grant()
    keyholder.start()
    server.start()
    told = [f"seed {seed}"]
    try:
        for number in range(ROUNDS):
            fetch = Program(
                door.kim,
                "fetch",
                door.dataset,
                "--from",
                door.url,
                "--ca",
                str(cert),
                "--out",
                str(tmp_path / str(number)),
            )
            fetch.start()
            victim, after = chosen.choice([keyholder, server, fetch]), chosen.uniform(0.3, 5.0)
            time.sleep(after)
            victim.kill()
            if victim is not fetch:
                victim.start()
                fetch.wait()
            told.append(f"round {number}: {victim._arguments[:2]} after {after:.2f} s")
        until = time.monotonic() + 60
        while any(one.state not in OVER for one in door.receipts(grant=grant)) and time.monotonic() < until:
            time.sleep(0.5)
        done = door.fetch(tmp_path / "last").json
        assert {path: (tmp_path / "last" / path).read_bytes() for path in FILES} == FILES, told
    finally:
        server.end()
        keyholder.end()
    receipts = {one.id: one for one in door.receipts(grant=grant)}
    counts = given(headers)
    assert {one.state for one in receipts.values()} <= {*OVER}, told
    assert receipts[done["receipt"]].state == "completed"
    assert counts.keys() <= receipts.keys(), told
    assert all(count <= receipts[receipt].receipt.files.count for receipt, count in counts.items()), told
    # More may be said to have left than did, and never less than the headers that were given make readable.
    for receipt in counts:
        assert receipts[receipt].receipt.sent is not None, told
    print(f"{len(receipts)} receipts, {sum(counts.values())} headers:", *told, sep="\n")
