"""The command line of the network: `medconsent-network` (or `python -m medconsent_network`)."""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from medconsent._internal import columns, streams
from medconsent._internal.words import counted
from medconsent._version import __version__
from medconsent_network.asking import confirm
from medconsent_network.commands.backup import backup, backup_key, restore
from medconsent_network.commands.channel import channel, org_add, org_remove
from medconsent_network.commands.doctor import doctor
from medconsent_network.commands.home import home as home_group
from medconsent_network.commands.homes import all_homes, alone
from medconsent_network.commands.metrics import metrics
from medconsent_network.commands.upgrade import upgrade
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.program import Program
from medconsent_network.progress import Progress
from medconsent_network.spec import Chaincode, Spec, parse, read
from medconsent_network.tools import build as building
from medconsent_network.tools.toolchain import build_folder

if TYPE_CHECKING:
    from medconsent_network.consortium import Consortium

# What talks to processes is imported by the command that needs it: it takes most of a second, and a help needs none.

HOMES = click.option("--homes", type=click.Path(path_type=Path), help="Folder of the homes (default: <network>/homes).")
INSTITUTION = click.option("--institution", help="Only the home of this institution.")


class _Process(click.ParamType[Any]):
    """The name of a process of a home."""

    name = "process"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        return self._choice().get_metavar(param, ctx)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return self._choice().convert(value, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return self._choice().shell_complete(ctx, param, incomplete)

    def _choice(self) -> click.Choice[str]:
        from medconsent_network import processes  # noqa: PLC0415

        return click.Choice([*(process.name for process in processes.ALL), "supervisord"])


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="medconsent-network %(version)s")
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


for _command in (home_group, channel, org_add, org_remove, backup_key, backup, restore, upgrade, metrics, doctor):
    main.add_command(_command)


def run() -> None:
    """The console script."""
    streams.prepare()
    main()


@main.command()
@click.option("--fabric", multiple=True, help="Version of Fabric to build (default: FABRIC_VERSION, or 3.1.1).")
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


@main.command(
    # From the first argument on everything is Go's own, its --help too.
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": ["--help"]}
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def go(arguments: tuple[str, ...]) -> None:
    """Run Go: the machine's own when it is new enough, otherwise the one that `build` installs.

    Go's own help is `medconsent-network go help`.

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
def up(network: Path, consortium: Path | None, free_ports: bool, institution: str | None, homes: Path | None) -> None:
    """Bring a network up: from nothing, or from where it stood. Harmless when it is up already.

    It is up when an endorsement by all institutions works through the gateway of each.

    \b
    Examples:
      medconsent-network up
      medconsent-network --network /srv/medconsent up --consortium consortium.yaml
      medconsent-network up --free-ports                                # a new network, on ports that are free
      medconsent-network up --institution hanbit --homes /srv/homes     # one home by itself
      FABRIC_VERSION=2.5.9 medconsent-network --network .network-2.5 up
    """
    from medconsent_network.bringup import up_alone  # noqa: PLC0415

    progress = Progress()
    if home := alone(network, institution, homes):
        if consortium or free_ports:
            raise click.UsageError("--consortium and --free-ports are for a new network, not for one home of it")
        with home.locked(progress):
            up_alone(home, progress)
        return
    _consortium(network, consortium, free_ports).up(progress)
    click.echo(f"The network is up, in {network}. Connection profiles: {network}/homes/<institution>/connection.json")


@main.command()
@INSTITUTION
@HOMES
@click.pass_obj
def down(network: Path, institution: str | None, homes: Path | None) -> None:
    """Stop a network, or one home of it; the data stays.

    \b
    Examples:
      medconsent-network down
      medconsent-network down --institution nuri
      medconsent-network down --institution hanbit --homes /srv/homes
    """
    from medconsent_network.consortium import Consortium  # noqa: PLC0415
    from medconsent_network.supervisor import Supervisor  # noqa: PLC0415

    if home := alone(network, institution, homes):
        with home.locked(Progress()):
            stopped = [home.name] if Supervisor(home).shutdown() else []
        missing = []
    else:
        consortium = Consortium.at(network)
        stopped = consortium.down()
        missing = [home.path for home in consortium.homes.values() if not home.path.is_dir()]
    click.echo(f"Stopped: {', '.join(stopped)}. The data stays." if stopped else "Nothing was running.")
    for path in missing:
        click.echo(f"There is no home in {path}: if it was moved, stop it with --institution and --homes.", err=True)


@main.command()
@click.option(
    "--within",
    type=click.IntRange(min=1),
    metavar="DAYS",
    help="Renew what ends in so many days (default: 30).",
)
@INSTITUTION
@HOMES
@click.pass_obj
def renew(network: Path, within: int | None, institution: str | None, homes: Path | None) -> None:
    """Renew the certificates of CAs, peers, orderers, chaincode and operators before they end. The keys stay.

    What uses a renewed one is started again, one process and one home after the other. Where one has ended already, the
    whole home is started anew. Those of people are their own: `medconsent identity reenroll`.

    \b
    Examples:
      medconsent-network renew
      medconsent-network renew --within 90
      medconsent-network renew --institution hanbit --homes /srv/homes
    """
    from medconsent_network import renewal  # noqa: PLC0415
    from medconsent_network.consortium import Consortium  # noqa: PLC0415
    from medconsent_network.identities import certificates  # noqa: PLC0415

    span, progress = timedelta(days=within) if within else renewal.SOON, Progress()
    if home := alone(network, institution, homes):
        with home.locked(progress):
            renewed = {home.name: renewal.renew(home, span, progress)}
        renewed_homes = [home]
    else:
        consortium = Consortium.at(network)
        renewed, renewed_homes = consortium.renew(span, progress), list(consortium.homes.values())
    for home in renewed_homes:
        titles = renewed[home.name]
        click.echo(f"{home.name}: {', '.join(titles) if titles else f'nothing ends within {span.days} days'}")
        ends = ", ".join(f"{ca} {end:%Y-%m-%d}" for ca, end in certificates.roots(home).items())
        click.echo(f"{home.name}: the roots of its CAs are not renewed; they end: {ends}")


@main.command()
@INSTITUTION
@HOMES
@click.pass_obj
def crl(network: Path, institution: str | None, homes: Path | None) -> None:
    """Put the certificates that the homes' CAs have revoked into the channel: then every peer refuses them.

    Each institution's own administrator signs its change. Harmless when nothing is new. Run it after every
    `medconsent identity revoke`, and from cron.

    \b
    Examples:
      medconsent-network crl
      medconsent-network crl --institution hanbit --homes /srv/homes
    """
    from medconsent_network.membership import revocations  # noqa: PLC0415

    for home in all_homes(network, institution, homes):
        published = revocations.publish(home)
        known = counted(published.revoked, "revoked certificate")
        click.echo(f"{home.name}: the channel knows {known}, {published.added or 'none'} of them new")


_SEQUENCE = click.option(
    "--sequence", type=click.IntRange(min=1), required=True, metavar="N", help="The definition's number."
)
_VERSION = click.option(
    "--version", metavar="VERSION", help="The chaincode's version in it. Default: the consortium file's."
)


@main.command()
@_SEQUENCE
@_VERSION
@INSTITUTION
@HOMES
@click.pass_obj
def approve(network: Path, sequence: int, version: str | None, institution: str | None, homes: Path | None) -> None:
    """Approve a definition of the chaincode, with the channel's own rules, on behalf of the homes' institutions.

    It may be the next one, before it is committed: then no peer stops when it is. Or one that the others have committed
    already: then the institution's peer, which has stopped, goes on. One with other rules is not approved by this.

    \b
    Examples:
      medconsent-network approve --sequence 2
      medconsent-network approve --sequence 2 --version 0.2.0 --institution hanbit --homes /srv/homes
    """
    from medconsent_network.chaincode import lifecycle  # noqa: PLC0415

    for home in all_homes(network, institution, homes):
        definition = _definition(home, sequence, version)
        lifecycle.approve(home, definition)
        click.echo(f"{home.name} approved {definition.name} {definition.version}, sequence {definition.sequence}.")


@main.command()
@_SEQUENCE
@_VERSION
@INSTITUTION
@HOMES
@click.pass_obj
def commit(network: Path, sequence: int, version: str | None, institution: str | None, homes: Path | None) -> None:
    """Commit a definition of the chaincode that every institution has approved; refused, with the names, before that.

    \b
    Examples:
      medconsent-network commit --sequence 2
      medconsent-network commit --sequence 2 --version 0.2.0 --institution hanbit --homes /srv/homes
    """
    from medconsent_network.chaincode import lifecycle  # noqa: PLC0415

    home = all_homes(network, institution, homes)[0]
    definition = _definition(home, sequence, version)
    lifecycle.commit_with_all(home, definition)
    click.echo(f"{definition.name} {definition.version}, sequence {definition.sequence}, is committed.")


@main.command("status")
@INSTITUTION
@HOMES
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_obj
def status_(network: Path, institution: str | None, homes: Path | None, json_: bool) -> None:
    """Show each process: state, health, version, ledger height, and the days its certificates still hold.

    What is wrong follows in sentences, with what to do. Ends with code 3 when something does not serve or is wrong.

    \b
    Examples:
      medconsent-network status
      medconsent-network status --json
    """
    from medconsent_network.status import as_json, endings, sentences, status, table, well  # noqa: PLC0415

    wanted = all_homes(network, institution, homes)
    rows = status(wanted)
    click.echo(as_json(rows) if json_ else table(rows, columns.of_terminal()))
    if not json_ and (told := "\n".join(filter(None, (sentences(rows), endings(wanted))))):
        click.echo(f"\n{told}")
    sys.exit(0 if well(rows) else 3)


@main.command()
@click.option(
    "--every", type=click.FloatRange(min=0.2), default=2.0, show_default=True, metavar="SECONDS", help="How often."
)
@click.option("--once", is_flag=True, help="Show it once, for the span of --every.")
@click.option("--json", "json_", is_flag=True, help="For programs: a line each time.")
@INSTITUTION
@HOMES
@click.pass_obj
def top(network: Path, *, every: float, once: bool, json_: bool, institution: str | None, homes: Path | None) -> None:
    """Show what the network does now: heights, rates, latency, who serves and leads. Ctrl-C ends it.

    \b
    Examples:
      medconsent-network top
      medconsent-network top --once --json
      medconsent-network top --institution hanbit --homes /srv/homes
    """
    from medconsent_network.status import live  # noqa: PLC0415

    with suppress(KeyboardInterrupt):
        for rows in live.doing(all_homes(network, institution, homes), every):
            if not (json_ or once):
                click.clear()  # nothing where there is no terminal
            click.echo(json.dumps([asdict(row) for row in rows]) if json_ else live.table(rows, columns.of_terminal()))
            if once:
                return


@main.command()
@click.argument("institution", required=False)
@click.argument("process", required=False, type=_Process())
@click.option("-f", "--follow", is_flag=True, help="Go on with what is written from now on.")
@click.option("-n", "--lines", default=20, show_default=True, help="How many of the last lines of each log.")
@HOMES
@click.pass_obj
def logs(
    network: Path, institution: str | None, process: str | None, *, follow: bool, lines: int, homes: Path | None
) -> None:
    """Show the logs of all processes, of an institution, or of one process.

    \b
    Examples:
      medconsent-network logs
      medconsent-network logs -f hanbit chaincode
      medconsent-network logs hanbit --homes /srv/homes
    """
    from medconsent_network import logs as read_logs  # noqa: PLC0415

    for line in read_logs.lines(all_homes(network, institution, homes), [process] if process else None, lines, follow):
        click.echo(line)


def _ask(consortium: "Consortium", elsewhere: Sequence[Path]) -> None:
    """Show what would be removed, and ask.

    Raises:
        click.UsageError: nobody can be asked.
        click.Abort: the answer was no.
    """
    within = [name for name in consortium.homes if name not in {home.name for home in elsewhere}]
    click.echo(f"{consortium.folder}: the ledger, the keys and the CAs of {', '.join(within) or 'nobody'}", err=True)
    for home in elsewhere:
        click.echo(f"stopped alone, and still there afterwards: {home}", err=True)
    question = f"Remove {consortium.folder} with all ledgers and private keys in it? This cannot be undone."
    confirm(question)


@main.command()
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@click.pass_obj
def clean(network: Path, yes: bool) -> None:
    """Stop a network and remove all its data and keys. Asks first.

    What is removed is shown before. It cannot be undone.

    \b
    Examples:
      medconsent-network clean
      medconsent-network clean --yes
    """
    from medconsent_network.consortium import Consortium  # noqa: PLC0415

    consortium = Consortium.at(network)
    elsewhere = consortium.homes_elsewhere
    if not yes:
        _ask(consortium, elsewhere)
    consortium.clean()
    click.echo(f"Stopped and removed: {network}")
    for home in elsewhere:
        click.echo(f"Stopped, and still there with its keys: {home}", err=True)


def _consortium(network: Path, file: Path | None, free_ports: bool) -> "Consortium":
    """The network that is there; or a new one, on the Fabric that FABRIC_VERSION names."""
    from medconsent_network.consortium import Consortium  # noqa: PLC0415

    version = os.environ.get("FABRIC_VERSION")
    if (network / "consortium.yaml").is_file():
        if free_ports:
            raise click.UsageError(f"--free-ports is for a new network: the one in {network} has its ports already")
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


def _definition(home: Home, sequence: int, version: str | None) -> Chaincode:
    own = home.spec.chaincode
    return replace(own, sequence=sequence, version=version or own.version)


def _sample() -> Spec:
    file = resources.files("medconsent_network") / "data" / "consortium.yaml"
    return parse(file.read_text(encoding="utf-8"), str(file))
