"""What `status` says of the home, for Prometheus, where the consortium file says so (`watch.metrics`)."""

import sys
from pathlib import Path

from medconsent._version import __version__
from medconsent_network.home import Home
from medconsent_network.processes.probes import answers
from medconsent_network.processes.process import Process, Stage


class Metrics(Process):
    """`medconsent-network metrics serve`, for the home."""

    name = "metrics"
    stage = Stage.LAST
    services = ("metrics",)

    def wanted(self, home: Home) -> bool:
        return home.spec.watch.metrics

    def command(self, home: Home) -> str:
        python = sys.executable.replace("%", "%%")
        return f'"{python}" -m medconsent_network metrics serve --institution {home.name} --homes "%(here)s/../.."'

    def serves(self, home: Home) -> bool:
        return answers(home, "metrics")

    def version(self, home: Home) -> str:
        return __version__

    def certificates(self, home: Home) -> list[Path]:
        """The peer's: it shows that one."""
        return [home.node("peer") / "tls" / "cert.pem"]
