"""Debian's Prometheus and promtool: those that are installed, or those that are unpacked for the tests."""

import json
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from medconsent_network.ports import free_bases
from medconsent_network.tools.toolchain import build_folder
from medconsent_network.waiting import wait_for


def found(name: str) -> Path:
    """The program `prometheus` or `promtool`; the test is skipped where there is no way to it."""
    if installed := shutil.which(name):
        return Path(installed)
    program = _unpacked() / "usr" / "bin" / name
    if not program.is_file():
        pytest.skip("there is no Prometheus: apt install prometheus")
    return program


def _unpacked() -> Path:
    """Where its package is unpacked: nothing is installed, and nobody has to be root."""
    folder = build_folder() / "prometheus"
    if folder.is_dir() or shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return folder
    work = build_folder() / "prometheus.part"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    subprocess.run(["apt-get", "download", "-q", "prometheus"], cwd=work, capture_output=True, check=False)
    packages = list(work.glob("*.deb"))
    for package in packages:
        subprocess.run(["dpkg-deb", "-x", package, work], cwd=work, capture_output=True, check=False)
    if packages:
        work.rename(folder)
    return folder


class Server:
    """A Prometheus that runs."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def ready(self) -> bool:
        try:
            return bool(self._get("/-/ready"))
        except OSError:
            return False

    def targets(self) -> dict[tuple[str, str], tuple[str, str]]:
        """What is scraped: of institution and process its health, and the last error."""
        active = json.loads(self._get("/api/v1/targets"))["data"]["activeTargets"]
        return {
            (one["labels"]["institution"], one["labels"]["process"]): (one["health"], one["lastError"])
            for one in active
        }

    def firing(self) -> set[tuple[str, str, str]]:
        """The alerts that fire: name, institution, process or an empty text."""
        alerts = json.loads(self._get("/api/v1/alerts"))["data"]["alerts"]
        return {
            (one["labels"]["alertname"], one["labels"].get("institution", ""), one["labels"].get("process", ""))
            for one in alerts
            if one["state"] == "firing"
        }

    def names(self) -> set[str]:
        """The names of all metrics that were scraped."""
        return set(json.loads(self._get("/api/v1/label/__name__/values"))["data"])

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """What PromQL gives now."""
        answer = json.loads(self._get("/api/v1/query?" + urllib.parse.urlencode({"query": expression})))
        return list(answer["data"]["result"])

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(self._url + path, timeout=10) as answer:  # noqa: S310 - our own
            return str(answer.read().decode())


@contextmanager
def running(configuration: Path, data: Path) -> Iterator[Server]:
    """A Prometheus with a configuration, until the block ends."""
    program = found("prometheus")
    (port,) = free_bases(1)
    with (data.parent / "prometheus.log").open("w") as log:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={configuration}",
                f"--storage.tsdb.path={data}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
        try:
            server = Server(port)
            wait_for(server.ready, "Prometheus is ready", 60)
            yield server
        finally:
            process.terminate()
            process.wait(30)
