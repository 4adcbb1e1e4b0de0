"""Both CA clients at a real Fabric CA, started for these tests, whose registrar may do everything that a CA offers."""

import asyncio
import inspect
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from medconsent.fabric import CAError
from medconsent.fabric.ca import Affiliation, AsyncCAClient, CAClient
from medconsent_network.spec import FABRIC_VERSIONS
from medconsent_network.tools import toolchain
from medconsent_network.waiting import wait_for

PASSWORD = "for-this-test-alone"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, bytes]]:
    """The address of a running CA, and the root of its certificate."""
    folder = tmp_path_factory.mktemp("ca")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["-b", f"admin:{PASSWORD}", "--port", str(port), "--address", "127.0.0.1", "--tls.enabled"]
    options += ["--csr.hosts", "localhost,127.0.0.1", "--cfg.identities.allowremove", "--cfg.affiliations.allowremove"]
    program = toolchain.find(FABRIC_VERSIONS[0]).ca_server
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen([program, "start", *options], cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        root = folder / "ca-cert.pem"
        url = f"https://127.0.0.1:{port}"

        def answers() -> bool:
            if not root.is_file():
                return False
            try:
                with CAClient(url, tls_root=root.read_bytes()) as client:
                    return bool(client.info().name is not None)
            except CAError:
                return False

        wait_for(answers, "the CA answers", 60)
        yield url, root.read_bytes()
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(30)


@pytest.fixture(params=[CAClient, AsyncCAClient], ids=["blocking", "awaited"])
def asked(authority: tuple[str, bytes], request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Calls an operation of one of the two clients by its name, and waits for the answer."""
    url, root = authority
    client = request.param(url, tls_root=root)
    with asyncio.Runner() as runner:

        def ask(operation: str, *values: Any, **options: Any) -> Any:
            answer = getattr(client, operation)(*values, **options)
            return runner.run(answer) if inspect.iscoroutine(answer) else answer

        yield ask
        ask("close")


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name that no other test uses."""
    return request.node.name.removeprefix("test_").replace("[", "-").rstrip("]").replace("_", "-")


def test_somebody_is_registered_enrols_and_is_revoked(asked: Callable[..., Any], name: str) -> None:
    admin = asked("enroll", "admin", PASSWORD)
    secret = asked("register", admin, name, attributes={"medconsent.roles": "steward"})
    held = asked("enroll", name, secret)
    assert held.identity("hanbit").attributes["medconsent.roles"] == "steward"
    assert asked("reenroll", held).enrollment_id == name
    assert asked("identity", admin, name).max_enrollments == 1
    assert name in {one.enrollment_id for one in asked("identities", admin)}
    assert [one.revoked for one in asked("certificates", admin, name)] == [False, False]
    revoked = asked("revoke", admin, name, gencrl=True)
    assert len(revoked.certificates) == 2
    assert b"X509 CRL" in revoked.crl_pem
    assert b"X509 CRL" in asked("gencrl", admin)
    assert [one.revoked for one in asked("certificates", admin, name)] == [True, True]
    with pytest.raises(CAError, match=r"revoked|Authentication"):
        asked("reenroll", held)


def test_an_identity_is_changed_and_taken_out(asked: Callable[..., Any], name: str) -> None:
    admin = asked("enroll", "admin", PASSWORD)
    asked("register", admin, name)
    changed = asked("modify", admin, name, attributes={"medconsent.roles": "dac"}, max_enrollments=3)
    assert (changed.attributes["medconsent.roles"], changed.max_enrollments) == ("dac", 3)
    assert asked("remove", admin, name).enrollment_id == name
    with pytest.raises(CAError) as refused:
        asked("identity", admin, name)
    assert refused.value.status == 404


def test_affiliations_are_a_tree(asked: Callable[..., Any], name: str) -> None:
    admin = asked("enroll", "admin", PASSWORD)
    imaging = f"{name}.imaging"
    with pytest.raises(CAError):
        asked("add_affiliation", admin, imaging)
    asked("add_affiliation", admin, imaging, force=True)
    assert asked("affiliation", admin, name) == Affiliation(name, (Affiliation(imaging),))
    assert name in {one.name for one in asked("affiliations", admin).affiliations}
    asked("register", admin, f"person-{name}", affiliation=imaging)
    with pytest.raises(CAError):
        asked("rename_affiliation", admin, name, f"{name}-2")
    moved = asked("rename_affiliation", admin, name, f"{name}-2", force=True)
    assert [one.identities for one in moved.affiliations] == [(f"person-{name}",)]
    assert asked("identity", admin, f"person-{name}").affiliation == f"{name}-2.imaging"
    asked("remove_affiliation", admin, f"{name}-2", force=True)
    with pytest.raises(CAError):
        asked("affiliation", admin, f"{name}-2")


def test_what_is_refused_says_so(asked: Callable[..., Any], name: str, authority: tuple[str, bytes]) -> None:
    with pytest.raises(CAError) as refused:
        asked("enroll", "admin", "not-the-secret")
    assert refused.value.status == 401
    with pytest.raises(CAError, match="colon"):
        asked("enroll", "ad:min", PASSWORD)


def test_many_are_asked_for_at_once(authority: tuple[str, bytes]) -> None:
    """The event loop goes on meanwhile, and each gets their own."""
    url, root = authority

    async def all_of_them() -> list[str]:
        async with AsyncCAClient(url, tls_root=root) as client:
            admin = await client.enroll("admin", PASSWORD)
            names = [f"one-of-many-{number}" for number in range(20)]
            secrets = await asyncio.gather(*(client.register(admin, name) for name in names))
            pairs = zip(names, secrets, strict=True)
            held = await asyncio.gather(*(client.enroll(name, secret) for name, secret in pairs))
            return [one.identity("hanbit").common_name for one in held]

    assert asyncio.run(all_of_them()) == [f"one-of-many-{number}" for number in range(20)]
