"""Networks that do not outlive who started them, however that ends, SIGKILL too: for tests and benchmarks.

A process of its own waits at the other end of a pipe. When the pipe closes, it removes every network that still runs in
the folder.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from medconsent_network.consortium import Consortium
from medconsent_network.errors import NetworkError


@contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """See to it that no network in `folder`, at whatever depth, runs on after this ends or its process is gone."""
    command = [sys.executable, "-m", "medconsent_network.guardian", str(folder)]
    # A session of its own: what ends everybody in a terminal or a job must not end it as well.
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True):  # its end closes the pipe and waits
        yield


def remove_running(folder: Path) -> None:
    """Stop and remove the networks in `folder` that run; those that are stopped stay as they are."""
    for file in sorted(folder.rglob("consortium.yaml")):
        # Some files only have the name of a network's: the next is removed all the same.
        with suppress(NetworkError, OSError):
            network = Consortium.at(file.parent)
            if network.running:
                network.clean()


if __name__ == "__main__":
    sys.stdin.buffer.read()
    remove_running(Path(sys.argv[1]))
