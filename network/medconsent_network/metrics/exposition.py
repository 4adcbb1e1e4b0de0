"""What a home knows of itself that none of Fabric's processes tells: as metrics, made anew at each scrape."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import replace

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from medconsent.fabric.errors import FabricError
from medconsent_network import processes
from medconsent_network.chaincode import lifecycle
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.identities import certificates
from medconsent_network.membership import heard
from medconsent_network.status import ProcessStatus, status


class Facts(Collector):
    """The metrics of a home; each has `institution`."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def collect(self) -> Iterable[Metric]:
        """See `prometheus_client`: the metrics as they are now."""
        rows = status([self._home])
        by_process = ("process",)
        yield self._of(
            "medconsent_process_serves", "Whether a process of the home serves.", by_process, _each(rows, "healthy")
        )
        yield self._of(
            "medconsent_process_trouble",
            "Whether something is wrong with a process, also where it serves; `medconsent-network status` says what.",
            by_process,
            _each(rows, "trouble"),
        )
        yield self._of(
            "medconsent_alarm",
            "Whether a process says something for which decisions are closed, or private texts may be logged.",
            by_process,
            _each(rows, "alarm"),
        )
        yield self._of(
            "medconsent_height",
            "How many blocks a process of the home has.",
            by_process,
            [((row.process,), row.height) for row in rows if row.height is not None],
        )
        yield self._of(
            "medconsent_height_heard",
            "How many blocks the peers of the other institutions have, as the home's own peer hears of them.",
            ("of",),
            [((name,), height) for name, height in self._heights().items()],
        )
        yield self._of(
            "medconsent_certificate_ends_seconds",
            "When a certificate ends, in seconds since 1970: the first of a process, or the root of a CA.",
            ("certificate",),
            self._ends(),
        )
        usage = shutil.disk_usage(self._home.path)
        yield self._of("medconsent_disk_free_bytes", "Bytes free where the home is.", (), [((), usage.free)])
        yield self._of("medconsent_disk_size_bytes", "Bytes there are where the home is.", (), [((), usage.total)])
        nodes = os.statvfs(self._home.path)
        yield self._of(
            "medconsent_disk_free_files", "How many more files there can be where the home is.", (),
            [((), nodes.f_favail)],
        )  # fmt: skip
        yield self._of(
            "medconsent_definition_approved",
            "Whether the institution has approved the committed definition of the chaincode; without, its peer stops.",
            (),
            self._approved(),
        )
        yield self._of(
            "medconsent_institutions", "How many institutions there are in the consortium.", (),
            [((), len(self._home.spec.names))],
        )  # fmt: skip

    def _of(
        self, name: str, text: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
    ) -> Metric:
        family = GaugeMetricFamily(name, text, labels=["institution", *labels])
        for labelled, value in values:
            family.add_metric([self._home.name, *labelled], value)
        return family

    def _heights(self) -> dict[str, int]:
        try:
            return heard.heights(self._home)
        except (NetworkError, FabricError, OSError):
            return {}

    def _ends(self) -> Iterable[tuple[tuple[str, ...], float]]:
        for process in processes.of(self._home):
            there = [path for path in process.certificates(self._home) if path.is_file()]
            if there:
                yield (process.name,), min(certificates.ends(path) for path in there).timestamp()
        for ca, end in certificates.roots(self._home).items():
            yield (f"root of {ca}",), end.timestamp()

    def _approved(self) -> Iterable[tuple[tuple[str, ...], float]]:
        """Nothing while the peer does not say: that it does not serve is told elsewhere."""
        own = self._home.spec.chaincode
        try:
            sequence, version = lifecycle.committed_definition(self._home)
            definition = replace(own, version=version, sequence=sequence)
            return [((), lifecycle.approved(self._home, definition))] if sequence else []
        except NetworkError:
            return []


def _each(rows: Iterable[ProcessStatus], member: str) -> list[tuple[tuple[str, ...], float]]:
    """Of each process whether the member of its status is anything."""
    return [((row.process,), bool(getattr(row, member))) for row in rows]
