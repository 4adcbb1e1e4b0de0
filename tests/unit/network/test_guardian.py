"""What is started under a guardian ends with its process, also when that is killed."""

import signal
import subprocess
import sys
from pathlib import Path

from medconsent_network import files, settings
from medconsent_network.consortium import Consortium
from medconsent_network.spec import Spec
from medconsent_network.supervisor import Supervisor
from medconsent_network.waiting import wait_for

KILLED = """
import os, signal, sys
from pathlib import Path
from medconsent_network.guardian import guarded
from medconsent_network.consortium import Consortium
from medconsent_network.supervisor import Supervisor

with guarded(Path(sys.argv[1])):
    Supervisor(Consortium.at(Path(sys.argv[1]) / "deep" / "network").home("hanbit")).ensure()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_network_ends_with_who_started_it(tmp_path: Path, sample: Spec) -> None:
    network = Consortium.at(tmp_path / "deep" / "network", sample)
    files.private_folder(network.folder)
    files.write_private(network.folder / "consortium.yaml", sample.to_yaml())
    home = network.home("hanbit")
    settings.make_folders(home)
    supervisor = Supervisor(home)
    settings.write(home, supervisor.socket)
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, capture_output=True, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    wait_for(lambda: not network.folder.exists(), "the network is removed", 30)
    assert not supervisor.alive()
