"""The demo: a consortium of three institutions on this machine, and the main job done on it with the real program.

    make demo              (or: python examples/demo.py)
    make demo KEEP=1       leaves the network up and says how to go on

Everything is in the folder .demo of the checkout: the institutions' homes, the people's contexts, the data.
"""

import argparse
import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import demo_data
import demo_door
import demo_story as story
from demo_steps import Desk, Unexpected, bold, chapter, report, say

from medconsent_network.consortium import Consortium
from medconsent_network.errors import NetworkError
from medconsent_network.progress import Progress
from medconsent_network.spec import Spec, parse
from medconsent_network.tools import build
from medconsent_network.tools.toolchain import build_folder

HERE = Path(__file__).resolve().parent
PROGRAM = Path(sys.executable).with_name("medconsent-network")


def main() -> int:
    """Run the demo; 0 when every step went as it should."""
    options = argparse.ArgumentParser(description="The main job on a real network.")
    options.add_argument("--keep", action="store_true", help="leave the network up, and say how to go on")
    options.add_argument("--folder", type=Path, default=HERE.parent / ".demo", help="where everything is (%(default)s)")
    chosen = options.parse_args()
    folder: Path = chosen.folder.absolute()
    os.umask(0o077)
    # So that a demo that is ended from outside stops its network, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    spec = sample()
    with only_one_in(folder):
        refuse_while_one_is_up(folder)
        build.build(build_folder(), (spec.fabric_version,), Progress())
        remove(folder)
        well = run(folder, spec, keep=chosen.keep)
    say(f"{'All went as it should' if well else 'NOT all went as it should'}, in {time.monotonic() - started:.0f} s.")
    return 0 if well else 1


def run(folder: Path, spec: Spec, *, keep: bool) -> bool:
    """The demo in `folder`; whether every step went as it should."""
    consortium = Consortium.with_free_ports(folder / "network", spec)
    desk = Desk(desk_of(folder))
    try:
        bring_up(consortium, desk)
        tell(consortium, desk)
        chapter("What was expected, and what was seen")
        return report(desk.steps)
    except (Unexpected, NetworkError) as error:
        say(f"{bold('the demo cannot go on')}: {error}\n")
        report(desk.steps)
        return False
    finally:
        if keep:
            how_to_go_on(folder)
        else:
            remove(folder)


def sample() -> Spec:
    """The sample consortium, on the Fabric version that FABRIC_VERSION names."""
    file = resources.files("medconsent_network") / "data" / "consortium.yaml"
    spec = parse(file.read_text(encoding="utf-8"), str(file))
    version = os.environ.get("FABRIC_VERSION")
    return spec.with_fabric(version) if version else spec


def bring_up(consortium: Consortium, desk: Desk) -> None:
    """Start the network and make the data, side by side."""
    chapter(
        f"Three institutions come up: {', '.join(consortium.institutions)}, Fabric {consortium.spec.fabric_version}"
    )
    desk.folder.mkdir(parents=True)
    with ThreadPoolExecutor() as pool:
        made = [
            pool.submit(demo_data.wisconsin, desk.folder / "wisconsin"),
            pool.submit(demo_data.images, desk.folder / "images"),
        ]
        consortium.up(Progress())
        for each in made:
            each.result()
    say()


def tell(consortium: Consortium, desk: Desk) -> None:
    """The main job."""
    titles = {institution.name: institution.title for institution in consortium.spec.institutions}
    homes = Path(os.path.relpath(consortium.folder / "homes", desk.folder))
    story.enrol(desk, homes, titles)
    story.publish(desk, HERE / "policy.yaml")
    with demo_door.opened(desk) as door:
        story.ground(desk, door)
        story.consent(desk)
        request = story.ask(desk)
        grant, still_open = story.approve(desk, request)
        story.use(desk)
        story.receive(desk, door)
        story.withdraw(desk, door)
        story.emergency(desk, grant)
        story.expire(desk)
        story.narrow(desk, still_open)
        story.revoke(desk, grant, door)
    story.look_back(desk)


@contextmanager
def only_one_in(folder: Path) -> Iterator[None]:
    """Keep a second demo from removing the network of one that runs in the same folder."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SystemExit(f"another demo is running in {folder}: wait for it, or give --folder") from None
    try:
        yield
    finally:
        os.close(handle)


def left_in(folder: Path) -> Consortium | None:
    """The network that a demo left: this one, or an earlier one with --keep, or one that was killed."""
    network = folder / "network"
    return Consortium.at(network) if (network / "consortium.yaml").is_file() else None


def refuse_while_one_is_up(folder: Path) -> None:
    """Do not take away a network that somebody kept and may be working with."""
    left = left_in(folder)
    if left and left.running:
        raise SystemExit(
            f"the network of an earlier demo is still up in {left.folder}, and a new one would replace it.\n"
            f"Remove it first:  {PROGRAM} --network {left.folder} clean --yes\n"
            "or name another folder:  python examples/demo.py --folder FOLDER"
        )


def remove(folder: Path) -> None:
    """Stop and remove what a demo left; people's private keys first, and also when the network does not stop."""
    shutil.rmtree(desk_of(folder), ignore_errors=True)
    if left := left_in(folder):
        left.clean()
    shutil.rmtree(folder / "network", ignore_errors=True)


def desk_of(folder: Path) -> Path:
    """Where the people's contexts and the data are: within the network's folder, so that its removal takes them too."""
    return folder / "network" / "desk"


def how_to_go_on(folder: Path) -> None:
    """What to type next, after --keep."""
    network, contexts = folder / "network", desk_of(folder) / "contexts"
    say(bold("The network is still up. To go on:"))
    say(f"  export MEDCONSENT_HOME={contexts} PATH={Path(sys.executable).parent}:$PATH")
    say("  medconsent context list")
    say("  medconsent --context nuri/kim dataset list")
    say(f"  medconsent-network --network {network} status")
    say("To stop and remove it, with all data and keys, those of the people too:")
    say(f"  {PROGRAM} --network {network} clean --yes")
    say("The next demo refuses to begin while this network is up; once it is stopped, the demo replaces it.")
    say()


if __name__ == "__main__":
    sys.exit(main())
