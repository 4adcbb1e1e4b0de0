"""`medconsent-network home`: one institution's home, on a host of its own."""

from pathlib import Path

import click

from medconsent_network.commands import steps
from medconsent_network.commands.homes import of_one_home, the_home
from medconsent_network.progress import Progress

# What talks to processes is imported by the command that needs it, as in `medconsent_network.main`.

_FILE = click.Path(path_type=Path)


@click.group()
def home() -> None:
    """Make one institution's home, exchange bundles with the others, join the channel.

    \b
    Examples:
      medconsent-network home init hanbit.yaml
      medconsent-network home bundle --out hanbit.bundle.json
      medconsent-network home admit nuri.bundle.json saerom.bundle.json
      medconsent-network home join first-block.json
      medconsent-network home ready --wait 120
    """


@home.command()
@click.argument("file", type=_FILE)
@click.option("--homes", type=_FILE, help="Folder of the homes (default: <network>/homes).")
@click.pass_obj
def init(network: Path, file: Path, homes: Path | None) -> None:
    """Make a home from the institution's own FILE: its CAs, keys and certificates, and nobody else's.

    FILE is a consortium file with one institution in it. Harmless when the home is there already.

    \b
    Examples:
      medconsent-network home init hanbit.yaml
      medconsent-network home init hanbit.yaml --homes /srv/medconsent
    """
    from medconsent_network.founding import entering  # noqa: PLC0415

    made = entering.init(file, homes or network / "homes", Progress())
    click.echo(f"The home of {made.name} is {made.path}. Next: medconsent-network home bundle")


@home.command()
@click.option("--out", type=_FILE, help="The file (default: <institution>.bundle.json).")
@of_one_home
@click.pass_obj
def bundle(network: Path, out: Path | None, institution: str | None, homes: Path | None) -> None:
    """Write the home's public bundle for the other institutions: roots and addresses, no key.

    Tell them its fingerprint over the telephone.

    \b
    Examples:
      medconsent-network home bundle --out hanbit.bundle.json
    """
    from medconsent_network.founding import bundles, held  # noqa: PLC0415

    one = the_home(network, institution, homes)
    path = out or Path(f"{one.name}.bundle.json")
    made = bundles.write(one, held.quorum_of(one), path)
    click.echo(f"{path}: {one.name}, fingerprint {made.fingerprint}")


@home.command()
@click.argument("files", type=_FILE, nargs=-1, required=True)
@click.option("--fingerprint", metavar="TEXT", help="What the institution said on the telephone; for one FILE.")
@of_one_home
@click.pass_obj
def admit(
    network: Path, files: tuple[Path, ...], fingerprint: str | None, institution: str | None, homes: Path | None
) -> None:
    """Take the bundles of other institutions, once everything in them was looked at.

    \b
    Examples:
      medconsent-network home admit nuri.bundle.json saerom.bundle.json
      medconsent-network home admit nuri.bundle.json --fingerprint "3f2a 91bc 0c11 77de 4b1a 0f9e 5521 c0de"
    """
    from medconsent_network.founding import held, inspection  # noqa: PLC0415

    if fingerprint and len(files) > 1:
        raise click.UsageError("--fingerprint is for one file")
    for path in files:
        admitted = held.admit(the_home(network, institution, homes), path, fingerprint)
        click.echo(inspection.member(admitted))
    if not fingerprint:
        click.echo("Compare each fingerprint with its institution, at a number that you have from elsewhere.")


@home.command("list")
@of_one_home
@click.pass_obj
def list_(network: Path, institution: str | None, homes: Path | None) -> None:
    """Show the bundles that the home holds, its own among them.

    \b
    Examples:
      medconsent-network home list
    """
    from medconsent_network.founding import held, inspection  # noqa: PLC0415

    for each in held.Held.of(the_home(network, institution, homes)).everybody.values():
        click.echo(inspection.member(each))


@home.command()
@click.argument("name")
@of_one_home
@click.pass_obj
def forget(network: Path, name: str, institution: str | None, homes: Path | None) -> None:
    """Put away the bundle of an institution that has left, or that was not to be taken.

    \b
    Examples:
      medconsent-network home forget onnuri
    """
    from medconsent_network.founding import held  # noqa: PLC0415

    held.forget(the_home(network, institution, homes), name)
    click.echo(f"The bundle of {name} is put away.")


@home.command()
@click.argument("file", type=_FILE)
@of_one_home
@click.pass_obj
def join(network: Path, file: Path, institution: str | None, homes: Path | None) -> None:
    """Look at FILE, the channel's first block or an invitation; then start the home's processes and join.

    It looks as `channel inspect` does, and joins nothing that is refused there. No other institution has to be up.

    \b
    Examples:
      medconsent-network home join first-block.json
      medconsent-network home join invitation.json
    """
    from medconsent_network.founding import entering, papers  # noqa: PLC0415
    from medconsent_network.founding.held import Held  # noqa: PLC0415

    holding = Held.of(the_home(network, institution, homes))
    paper = papers.read(file, entering.FIRST_BLOCK, entering.INVITATION)
    joined = entering.join(holding, paper, Progress())
    click.echo(f"{joined.name} has joined. Next, here and at the others: medconsent-network home ready --wait 300")


@home.command()
@click.option("--wait", type=click.IntRange(min=0), default=0, metavar="SECONDS", help="Try again for so long.")
@click.option("--json", "json_", is_flag=True, help="For programs.")
@of_one_home
@click.pass_obj
def ready(network: Path, wait: int, json_: bool, institution: str | None, homes: Path | None) -> None:
    """Do what the home can towards being ready, and say what it waits for; ends with code 3 while it waits.

    It approves the chaincode, commits it when all have approved, and offers the connection profile.

    \b
    Examples:
      medconsent-network home ready
      medconsent-network home ready --wait 300
    """
    from medconsent_network.founding import entering  # noqa: PLC0415
    from medconsent_network.founding.held import Held  # noqa: PLC0415

    holding = Held.of(the_home(network, institution, homes))
    steps.go({holding.home.name: lambda: entering.advance(holding)}, "is ready", wait, as_json=json_)


@home.command()
@click.option("--out", type=_FILE, required=True, help="The folder that they are written into.")
@click.option("--user", required=True, help="The user that owns the home.")
@of_one_home
@click.pass_obj
def units(network: Path, out: Path, user: str, institution: str | None, homes: Path | None) -> None:
    """Write systemd units that start the home with the machine, renew its certificates and publish what it revoked.

    \b
    Examples:
      medconsent-network home units --user medconsent --out units
    """
    from medconsent_network.founding import units as written  # noqa: PLC0415

    for path in written.write(the_home(network, institution, homes), user, out):
        click.echo(path)
