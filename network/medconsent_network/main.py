"""The command line of the network: `medconsent-network` (or `python -m medconsent_network`)."""

import os
import sys
from collections.abc import Callable
from functools import wraps
from importlib import resources
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from medconsent_network import build as building
from medconsent_network import logs as logging
from medconsent_network.bringup import up_alone
from medconsent_network.consortium import Consortium
from medconsent_network.errors import NetworkError
from medconsent_network.home import PROCESSES, Home
from medconsent_network.progress import Progress
from medconsent_network.spec import Spec, parse, read
from medconsent_network.status import as_json, status, table, well
from medconsent_network.supervisor import Supervisor
from medconsent_network.toolchain import build_folder

P = ParamSpec("P")
R = TypeVar("R")

HOMES = click.option("--homes", type=click.Path(path_type=Path), help="Folder of the homes (default: <network>/homes).")
INSTITUTION = click.option("--institution", help="Only the home of this institution.")


def explained(command: Callable[P, R]) -> Callable[P, R]:
    """Say what went wrong in a sentence and end with code 1, instead of a traceback (MEDCONSENT_DEBUG=1 shows it)."""

    @wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except NetworkError as error:
            if os.environ.get("MEDCONSENT_DEBUG"):
                raise
            click.echo(f"error {error.diagnostics()}", err=True)
            sys.exit(1)

    return wrapper


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--network",
    type=click.Path(path_type=Path),
    envvar="MEDCONSENT_NETWORK",
    default=Path(".network"),
    show_default=True,
    help="Folder of the network (also MEDCONSENT_NETWORK).",
)
@click.pass_context
def main(context: click.Context, network: Path) -> None:
    """Run the Fabric network of a consortium: native processes, one home folder an institution.

    \b
    Examples:
      medconsent-network build
      medconsent-network up
      medconsent-network status
      medconsent-network down
    """
    os.umask(0o077)
    context.obj = network.absolute()


@main.command()
@click.option("--fabric", multiple=True, help="Version of Fabric to build (default: FABRIC_VERSION, or 3.1.1).")
@explained
def build(fabric: tuple[str, ...]) -> None:
    """Build Fabric, Fabric CA and the chaincode from their pinned sources. What is up to date is left alone.

    \b
    Examples:
      medconsent-network build
      medconsent-network build --fabric 3.1.1 --fabric 2.5.9
      FABRIC_BIN=/opt/fabric/bin medconsent-network build      # use these binaries, build only the chaincode
    """
    versions = fabric or (os.environ.get("FABRIC_VERSION") or _sample().fabric_version,)
    building.build(build_folder(), versions, Progress())


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@explained
def go(arguments: tuple[str, ...]) -> None:
    """Run Go: the machine's own when it is new enough, otherwise the one that `build` installs.

    \b
    Examples:
      medconsent-network go version
      medconsent-network go -C chaincode test ./...
    """
    compiler = building.compiler(build_folder(), Progress())
    os.execv(compiler, [str(compiler), *arguments])  # noqa: S606 - no shell is wanted


@main.command()
@click.option(
    "--consortium", type=click.Path(path_type=Path), help="Consortium file of a new network (default: the sample)."
)
@click.option("--free-ports", is_flag=True, help="For a new network: take ports that are free, instead of the file's.")
@INSTITUTION
@HOMES
@click.pass_obj
@explained
def up(network: Path, consortium: Path | None, free_ports: bool, institution: str | None, homes: Path | None) -> None:
    """Bring a network up: from nothing, or from where it stood. Harmless when it is up already.

    It is up when an endorsement by all institutions works through the gateway of each.

    \b
    Examples:
      medconsent-network up
      medconsent-network --network /srv/medconsent up --consortium consortium.yaml
      medconsent-network up --institution hanbit --homes /srv/homes     # one home by itself
      FABRIC_VERSION=2.5.9 medconsent-network --network .network-2.5 up
    """
    progress = Progress()
    if institution:
        up_alone(Home.open((homes or network / "homes") / institution), progress)
        return
    if homes:
        raise click.UsageError("--homes is for one home alone: name it with --institution")
    _consortium(network, consortium, free_ports).up(progress)
    click.echo(f"The network is up, in {network}. Connection profiles: {network}/homes/<institution>/connection.json")


@main.command()
@INSTITUTION
@HOMES
@click.pass_obj
@explained
def down(network: Path, institution: str | None, homes: Path | None) -> None:
    """Stop a network, or one home of it; the data stays.

    \b
    Examples:
      medconsent-network down
      medconsent-network down --institution nuri
    """
    if institution:
        Supervisor(Home.open((homes or network / "homes") / institution)).shutdown()
    else:
        Consortium.at(network).down()


@main.command("status")
@INSTITUTION
@HOMES
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_obj
@explained
def status_(network: Path, institution: str | None, homes: Path | None, json_: bool) -> None:
    """Show each process: state, health, version, ledger height, and the days its certificates still hold.

    Ends with code 3 when something does not serve.

    \b
    Examples:
      medconsent-network status
      medconsent-network status --json
    """
    rows = status(_homes(network, institution, homes))
    click.echo(as_json(rows) if json_ else table(rows))
    sys.exit(0 if well(rows) else 3)


@main.command()
@click.argument("institution", required=False)
@click.argument("process", required=False, type=click.Choice([*PROCESSES, "supervisord"]))
@click.option("-f", "--follow", is_flag=True, help="Go on with what is written from now on.")
@click.option("-n", "--lines", default=20, show_default=True, help="How many of the last lines of each log.")
@click.pass_obj
@explained
def logs(network: Path, institution: str | None, process: str | None, follow: bool, lines: int) -> None:
    """Show the logs of all processes, of an institution, or of one process.

    \b
    Examples:
      medconsent-network logs
      medconsent-network logs -f hanbit chaincode
    """
    homes = _homes(network, institution, None)
    for line in logging.lines(homes, [process] if process else None, lines, follow):
        click.echo(line)


@main.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
@explained
def clean(network: Path, yes: bool) -> None:
    """Stop a network and remove all its data and keys. Asks first.

    \b
    Examples:
      medconsent-network clean
      medconsent-network clean --yes
    """
    consortium = Consortium.at(network)
    if not yes:
        click.confirm(f"Remove {network} with all ledgers and private keys in it?", abort=True, err=True)
    consortium.clean()


def _consortium(network: Path, file: Path | None, free_ports: bool) -> Consortium:
    """The network that is there; or a new one, on the Fabric that FABRIC_VERSION names."""
    exists = (network / "consortium.yaml").is_file()
    version = os.environ.get("FABRIC_VERSION")
    if exists:
        found = Consortium.at(network, read(file) if file else None)
        if version and version != found.spec.fabric_version:
            raise NetworkError(
                "CONSORTIUM_INVALID",
                f"the network in {network} is of Fabric {found.spec.fabric_version}, and FABRIC_VERSION says {version}",
                "Name another folder with --network, or remove that network first.",
            )
        return found
    spec = read(file) if file else _sample()
    spec = spec.with_fabric(version) if version else spec
    return Consortium.with_free_ports(network, spec) if free_ports else Consortium.at(network, spec)


def _homes(network: Path, institution: str | None, homes: Path | None) -> list[Home]:
    if institution:
        return [Home.open((homes or network / "homes") / institution)]
    return list(Consortium.at(network).homes.values())


def _sample() -> Spec:
    file = resources.files("medconsent_network") / "data" / "consortium.yaml"
    return parse(file.read_text(encoding="utf-8"), str(file))
