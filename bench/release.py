"""The bytes of a release: beside nginx's sendfile of the same ciphertext, and how long what comes before them takes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

import medconsent
from medconsent import Contexts, NewRequest, Purpose
from medconsent.client import Client
from medconsent.data.manifest import describe, read
from medconsent.errors import MedconsentError
from medconsent.fabric import wallet
from medconsent.fabric.flow import Blocking
from medconsent.release import keys
from medconsent.release.delivery import Delivery
from medconsent.release.door import Caller, Door
from medconsent.release.opened import Opened
from medconsent.release.reading import Reading
from medconsent.release.signing import HEADER, Request, sign
from medconsent.release.stored import Archive
from medconsent.release.stored import body as body_of
from medconsent.values.releases import Ask
from medconsent_network.identities.pinned import make_server
from medconsent_network.progress import Progress

from .figures import Figure, median_ratio
from .world import World

LARGE = "large.bin"
_TICKS = os.sysconf("SC_CLK_TCK")
_NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; tcp_nopush on;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {cert}; ssl_certificate_key {key};
    location = /body {{ alias {body}; }}
  }}
}}
"""


@dataclass(frozen=True)
class Sizes:
    """How much is measured: bytes of the large file, how many small ones, and rounds."""

    large: int
    small: int
    rounds: int


class _Timed(Door):
    """The owner's server; how long each answer took, by the last part of what was asked."""

    took: dict[str, list[float]]

    def ask(self, method: str, target: str, body: Any = None) -> Any:
        """See `Door.ask`."""
        begun = time.monotonic()
        answer = super().ask(method, target, body)
        self.took.setdefault(target.rpartition("/")[2], []).append(time.monotonic() - begun)
        return answer


@dataclass(frozen=True)
class _Released:
    """What is measured on: a version that is served, and somebody who holds a grant on it."""

    world: World
    people: Contexts
    client: Client
    kim: Caller
    archive: Archive
    grant: str
    url: str
    cert: Path
    sizes: Sizes
    progress: Progress

    def bodies(self, theirs: str, ours_pid: int, theirs_pid: int) -> list[Figure]:
        """One body, taken by curl from our server and from nginx in turns."""
        rates: tuple[list[float], list[float]] = ([], [])
        cpus: tuple[list[float], list[float]] = ([], [])
        file = self.archive.by_path[LARGE]
        gib = file.ciphertext_size / 2**30
        with self.open([LARGE]) as delivery:
            target = f"/release/v1/receipts/{delivery.receipt}/files/{file.id}/body"
            for turn in range(self.sizes.rounds):
                asked = Request("GET", target, self.world.owner)
                signature = sign(asked, b"", person=self.kim.person, kid=self.kim.kid, signer=self.kim.signer)
                for which, (address, pid) in enumerate(((self.url + target, ours_pid), (f"{theirs}/body", theirs_pid))):
                    before, begun = _cpu(pid), time.monotonic()
                    assert self.curl(address, signature) == file.ciphertext_size
                    rates[which].append(gib * 1024 / (time.monotonic() - begun))
                    cpus[which].append((_cpu(pid) - before) / gib)
                told = f"ours {rates[0][-1]:.0f}, nginx {rates[1][-1]:.0f} MiB/s"
                self.progress.say(f"release {turn + 1}/{self.sizes.rounds} {told}")
        return [
            Figure("release.body.rate", median(rates[0]), "MiB/s", median_ratio(*rates), "to nginx; aim 0.95"),
            Figure("release.body.cpu", median(cpus[0]), "s/GiB", median_ratio(*cpus), "to nginx; aim at most 1.15"),
            Figure("release.nginx.rate", median(rates[1]), "MiB/s", None, "TLS, sendfile on, one worker"),
            Figure("release.nginx.cpu", median(cpus[1]), "s/GiB"),
        ]

    def before(self) -> list[Figure]:
        """What comes before the first byte: the receipt, the header, a segment; and the headers of many files."""
        door, first = self.door(), []
        for _turn in range(3 * self.sizes.rounds):
            time.sleep(1.1)  # an ask counts in whole seconds, and who asks for the same twice in one waits for another
            begun = time.monotonic()
            one = self.opened([LARGE], door)
            one.begin()
            Reading(one, one.files[LARGE]).next()
            first.append(time.monotonic() - begun - door.took["receipts"][-1])
            one.end(complete=False)
        receipts = door.took["receipts"]
        many = self.door()
        every = self.opened(None, many)
        every.begin()
        every.end(complete=False)
        headers, count = sum(many.took["headers"]), len(self.archive.files)
        return [
            Figure("release.receipt.p50", 1000 * median(receipts), "ms", None, "asked, endorsed, committed, told"),
            Figure("release.first-byte.p50", 1000 * median(first), "ms", median(first) / 0.02, "after that; to 20 ms"),
            Figure(f"release.headers.{count}", headers, "s", headers / 3, "to 3 s"),
        ]

    def fetched(self, out: Path) -> Figure:
        """Everything onto the disk."""
        begun = time.monotonic()
        done = self.client.release.fetch(self.world.dataset, self.url, out, grant=self.grant, ca=self.cert)
        rate = done.bytes / (time.monotonic() - begun) / 2**20
        return Figure("release.fetch.rate", rate, "MiB/s", None, f"{done.files} files, checked, onto the disk")

    def cut(self) -> Figure:
        """From the revocation's commit until nothing more leaves under a receipt that is being read."""
        with medconsent.connect(self.people.get(f"{self.world.owner}/steward")) as owner:
            delivery = self.open([LARGE])
            pieces = delivery.pieces(LARGE)
            next(pieces)
            owner.grants.revoke(self.grant, "The measurement ends.")
            begun = time.monotonic()
            with suppress(MedconsentError):
                while True:
                    delivery._opened.refuse_if_cut()
                    time.sleep(0.01)
            seconds = time.monotonic() - begun
            pieces.close()
            delivery.close()
        return Figure("release.cut", seconds, "s", seconds, "after the revocation's commit; to 1 s")

    def open(self, paths: list[str]) -> Delivery[Blocking]:
        """Files, to be read."""
        return self.client.release.open(self.world.dataset, self.url, paths=paths, grant=self.grant, ca=self.cert)

    def door(self) -> _Timed:
        """The server, with a clock."""
        door = _Timed(self.url, self.world.owner, self.kim, ca=self.cert)
        door.took = {}
        return door

    def opened(self, paths: list[str] | None, door: Door) -> Opened:
        """A release that is not begun."""
        key = keys.load(self.people.get(self.kim.person).folder / keys.DELIVERY)
        chosen, _places, files = self.archive.chosen(paths)
        record = self.client.archives.get(self.world.dataset).archive
        ask = Ask(self.grant, self.kim.person, key.fingerprint, record.id, files)
        return Opened(door, key, ask, chosen, whole=paths is None)

    def curl(self, address: str, signature: str) -> int:
        """How many bytes an independent client got."""
        command = ["curl", "-sS", "--fail", "--cacert", str(self.cert), "-o", "/dev/null", "-w", "%{size_download}"]
        command += ["-H", f"{HEADER}: {signature}", address]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(world: World, sizes: Sizes, progress: Progress) -> list[Figure]:
    """All figures of a release, on a consortium that is up."""
    folder = world.consortium.folder / "release"
    source, out, headers = folder / "version", folder / "archive", folder / "keyholder"
    _fill(source, sizes)
    manifest = describe(source, title="Bytes", summary="Bytes.", publisher="B", contact="b@b.example")
    (folder / "croissant.json").write_bytes(manifest)
    found = read(manifest)
    world.furnish({"root": found.root, "files": len(found.files), "bytes": found.size})
    world.found(world.requester)
    people = Contexts(folder / "home")
    kim = _person(world, people, f"{world.requester}/kim", "researcher")
    _deliver(world, people)
    _person(world, people, f"{world.owner}/gateway", "gateway")
    _person(world, people, f"{world.owner}/keyholder")
    begun = time.monotonic()
    where = ("--manifest", str(folder / "croissant.json"), "--out", str(out), "--headers", str(headers))
    _run(people, f"{world.owner}/gateway", "release", "archive", world.dataset, str(source), *where)
    rate = found.size / (time.monotonic() - begun) / 2**20
    figures = [Figure("release.archive.rate", rate, "MiB/s", None, f"{len(found.files)} files, with the program")]
    with (
        _door(world, people, folder, out, headers) as (url, cert, pid),
        medconsent.connect(people.get(f"{world.requester}/kim")) as client,
    ):
        grant = _granted(world, people)
        it = _Released(world, people, client, kim, Archive(out), grant, url, cert, sizes, progress)
        with _nginx(folder, body_of(out, LARGE)) as (theirs, theirs_pid):
            figures += it.bodies(theirs, pid, theirs_pid)
        figures += [*it.before(), it.fetched(folder / "fetched"), it.cut()]
    return figures


def _fill(source: Path, sizes: Sizes) -> None:
    source.mkdir(parents=True)
    block = os.urandom(1 << 20)
    with (source / LARGE).open("wb") as file:
        for number in range(sizes.large >> 20):
            file.write(sha256(number.to_bytes(4, "big")).digest() + block[32:])
    for number in range(sizes.small):
        (source / f"{number:05}.bin").write_bytes(sha256(number.to_bytes(4, "big")).digest() * 32)


def _person(world: World, people: Contexts, name: str, *roles: str) -> Caller:
    """A person with a context, enrolled on first mention."""
    institution, _, enrolment_id = name.partition("/")
    folder = world.consortium.enrol(institution, enrolment_id, roles)
    with suppress(medconsent.errors.ContextError):
        people.add(world.consortium.home(institution).path / "connection.json", folder, name=enrolment_id)
    return Caller.of(*wallet.load(folder, institution))


def _deliver(world: World, people: Contexts) -> None:
    context = people.get(f"{world.requester}/kim")
    secret = keys.delivery(context.folder)
    with medconsent.connect(context) as client:
        announced = client.persons.announce(secret.public).answer
    _person(world, people, f"{world.requester}/second", "operator", "privacy", "steward")
    with medconsent.connect(people.get(f"{world.requester}/second")) as officer:
        officer.persons.admit("kim", announced.fingerprint, delivery=secret.fingerprint)


def _granted(world: World, people: Contexts) -> str:
    """A grant of kim's."""
    for officer, roles in (("steward", ("steward",)), ("d-1", ("dac",))):
        _person(world, people, f"{world.owner}/{officer}", *roles)
    with medconsent.connect(people.get(f"{world.requester}/kim")) as client:
        purpose = Purpose("disease", ("ICD10:C50",))
        written = client.requests.submit(
            NewRequest(world.dataset, purpose, "download", duration="90d", project="Bytes")
        )
    with medconsent.connect(people.get(f"{world.owner}/d-1")) as member:
        member.wait_for_block(written.block)
        shown = member.requests.get(written.answer.id)
        decided = member.requests.approve(shown.id, shown=shown)
    grant = decided.answer.grant
    assert grant is not None
    with medconsent.connect(people.get(f"{world.requester}/kim")) as client:
        client.wait_for_block(decided.block)
        return client.grants.get(grant.id).id


@contextmanager
def _door(world: World, people: Contexts, folder: Path, out: Path, headers: Path) -> Iterator[tuple[str, Path, int]]:
    cert, secret = make_server(folder)
    place = folder / "k.sock"
    holder, gateway = f"{world.owner}/keyholder", f"{world.owner}/gateway"
    holding = ("release", "keyholder", "--folder", str(headers), "--socket", str(place))
    serving = ("release", "serve", str(out), "--keyholder", str(place), "--cert", str(cert), "--tls-key", str(secret),
               "--listen", "127.0.0.1:0")  # fmt: skip
    with (
        _process(people, holder, holding, "listens at"),
        _process(people, gateway, serving, "serving at") as (line, pid),
    ):
        yield line.rpartition(" ")[2], cert, pid


@contextmanager
def _process(people: Contexts, who: str, command: tuple[str, ...], tells: str) -> Iterator[tuple[str, int]]:
    words = [sys.executable, "-m", "medconsent_cli", "--context", who, *command]
    environment = {**os.environ, "MEDCONSENT_HOME": str(people.home)}
    running = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    try:
        yield next(line.strip() for line in running.stdout if tells in line), running.pid
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(60)


def _run(people: Contexts, who: str, *command: str) -> None:
    words = [sys.executable, "-m", "medconsent_cli", "--context", who, *command]
    subprocess.run(words, env={**os.environ, "MEDCONSENT_HOME": str(people.home)}, check=True, capture_output=True)


@contextmanager
def _nginx(folder: Path, body: Path) -> Iterator[tuple[str, int]]:
    """nginx, as Debian has it, with the same certificate; its address and the id of its worker."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise RuntimeError("nginx is not installed: apt install nginx-light")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = folder / "nginx.conf"
    settings.write_text(
        f"user {'root' if os.getuid() == 0 else os.environ.get('USER', 'nobody')};"
        + _NGINX.format(folder=folder, port=port, cert=folder / "tls.pem", key=folder / "tls.key", body=body)
    )
    running = subprocess.Popen([program, "-c", str(settings)], stderr=subprocess.DEVNULL)
    try:
        _wait_for(lambda: bool(_children(running.pid)))
        yield f"https://127.0.0.1:{port}", _children(running.pid)[0]
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(30)


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(one) for one in listed.read_text().split()] if listed.exists() else []


def _wait_for(there: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not there():
        if time.monotonic() > until:
            raise RuntimeError("it does not come up")
        time.sleep(0.05)
    time.sleep(0.3)


def _cpu(pid: int) -> float:
    """User and system time of a process so far (Linux: proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
