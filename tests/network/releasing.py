"""An owner's archive with both processes of its release, and somebody who fetches: through the program."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from people import Person
from scenario import Cast

from medconsent import connect
from medconsent.contexts import Contexts
from medconsent.release.stored import Archive
from medconsent_network.identities.pinned import make_server


@contextmanager
def process(person: Person, *arguments: str, tells: str) -> Iterator[str]:
    """The program as a process that goes on; the line in which it says that it serves."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MEDCONSENT_")}
    environment |= {"MEDCONSENT_HOME": str(person.home), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "medconsent_cli", *arguments]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert running.stdout is not None
    said = []
    try:
        for line in running.stdout:
            said.append(line)
            if tells in line:
                yield line.strip()
                break
        else:
            raise AssertionError(f"{command} ended: {said}")
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(60)


@dataclass
class Door:
    """A dataset with its archive and both processes, and kim, who has a delivery key."""

    cast: Cast
    dataset: str
    url: str
    ca: Path
    socket: Path
    archive: Archive

    @property
    def kim(self) -> Person:
        return self.cast.people["nuri/kim"]

    def grant(self) -> str:
        request = self.cast.submit("nuri/kim", self.dataset)
        return str(self.cast.approve(request, "hanbit/d-1", "hanbit/d-2", "saerom/e-1")["grant"]["id"])

    def revoke(self, grant: str) -> None:
        self.cast.people["hanbit/steward"].run("grant", "revoke", grant, "--reason", "The study has ended.", "--yes")

    def fetch(self, out: Path, *more: str, exit_code: int = 0) -> Any:
        return self.kim.run(
            "--json", "fetch", self.dataset, *more, "--from", self.url, "--ca", str(self.ca), "--out", str(out),
            exit_code=exit_code,
        )  # fmt: skip

    def receipts(self, **filters: str) -> list[Any]:
        context = Contexts(self.kim.home).get()
        with connect(context) as client:
            return list(client.receipts.iterate(dataset=self.dataset, **filters))


def give_delivery_key(cast: Cast, name: str = "nuri/kim") -> None:
    """Somebody has a delivery key that stands on the ledger."""
    if name in cast.delivering:
        return
    cast.delivering.add(name)
    institution, enrolment_id = name.split("/")
    person = cast.people[name]
    made = person.json("release", "key")
    announced = person.json("person", "announce", "--delivery", made["public_key_file"])["body"]
    cast.people[f"{institution}/second"].run(
        "person", "admit", enrolment_id, "--key", announced["fingerprint"], "--delivery", made["fingerprint"]
    )


def keep(cast: Cast, dataset: str, source: Path, out: Path, headers: Path, *more: str) -> None:
    """The archive of hanbit's dataset is made and published."""
    gateway = cast.enrol("hanbit/gateway", "gateway")
    gateway.run("release", "archive", dataset, str(source), "--out", str(out), "--headers", str(headers), *more)


@contextmanager
def serving(cast: Cast, dataset: str, archive: Path, headers: Path, folder: Path, *more: str) -> Iterator[Door]:
    """Both processes run meanwhile."""
    gateway = cast.enrol("hanbit/gateway", "gateway")
    holder = cast.enrol("hanbit/keyholder")
    cert, secret = make_server(folder)
    socket = folder / "k.sock"
    holding = ("release", "keyholder", "--folder", str(headers), "--socket", str(socket))
    serving = (
        "release", "serve", str(archive), "--keyholder", str(socket), "--cert", str(cert), "--tls-key", str(secret),
        "--listen", "127.0.0.1:0", *more,
    )  # fmt: skip
    with process(holder, *holding, tells="listens at"), process(gateway, *serving, tells="serving at") as line:
        yield Door(cast, dataset, line.rpartition(" ")[2], cert, socket, Archive(archive))


@contextmanager
def opened_door(cast: Cast, dataset: str, source: Path, folder: Path, *more: str) -> Iterator[Door]:
    """The archive of hanbit's dataset is made, and both processes run meanwhile."""
    archive, headers = folder / "archive", folder / "keyholder"
    keep(cast, dataset, source, archive, headers)
    with serving(cast, dataset, archive, headers, folder, *more) as door:
        yield door
