"""`medconsent-network upgrade`: to another version of what the homes run, while they serve."""

from pathlib import Path

import click

from medconsent_network.commands import steps
from medconsent_network.commands.channel import write_change
from medconsent_network.commands.homes import all_homes, of_one_home, the_home
from medconsent_network.home import Home
from medconsent_network.progress import Progress
from medconsent_network.steps import Step

# What talks to processes is imported by the command that needs it, as in `medconsent_network.main`.


@click.group()
def upgrade() -> None:
    """Change to another version of the chaincode, or a later one of Fabric, while the network serves.

    \b
    Examples:
      medconsent-network upgrade fabric --version 3.1.1 --institution hanbit --homes /srv/homes
      medconsent-network upgrade chaincode --version 0.3.0 --program /srv/medconsent-0.3.0/.build/chaincode/medconsent
    """


@upgrade.command()
@click.option("--version", required=True, metavar="VERSION", help="The version in the definition, such as 0.3.0.")
@click.option(
    "--program", type=click.Path(path_type=Path), help="The chaincode's program (default: that of this installation)."
)
@click.option("--majority", is_flag=True, help="Commit once more than half have approved; the others stop until then.")
@click.option("--wait", type=click.IntRange(min=0), default=0, metavar="SECONDS", help="Try again for so long.")
@click.option("--json", "json_", is_flag=True, help="For programs.")
@of_one_home
@click.pass_obj
def chaincode(
    network: Path,
    *,
    version: str,
    program: Path | None,
    majority: bool,
    wait: int,
    json_: bool,
    institution: str | None,
    homes: Path | None,
) -> None:
    """Do what the homes can towards another version of the chaincode, and say what they wait for; code 3 meanwhile.

    The version runs beside the one that serves, and is approved. Once every institution has approved, it is committed,
    all peers change to it in that block, and the one before ends. Going back is the same, with the version before.

    \b
    Examples:
      medconsent-network upgrade chaincode --version 0.3.0 --program /srv/medconsent-0.3.0/.build/chaincode/medconsent
      medconsent-network upgrade chaincode --version 0.3.0 --institution hanbit --homes /srv/homes --wait 600
      medconsent-network upgrade chaincode --version 0.2.0          # before it is committed: give it up
    """
    from medconsent_network.upgrade import chaincode as way  # noqa: PLC0415
    from medconsent_network.upgrade.recording import recorded  # noqa: PLC0415

    def advance(home: Home) -> list[Step]:
        with home.locked(Progress()):
            try:
                return list(way.advance(home.path, version, program, by_majority=majority))
            finally:
                recorded(network)

    wanted = _homes(network, institution, homes)
    ways = {home.name: lambda home=home: advance(home) for home in wanted}
    steps.go(ways, f"runs {version} alone", wait, as_json=json_)


@upgrade.command()
@click.option("--version", required=True, metavar="VERSION", help="The version of Fabric, such as 3.1.1.")
@click.option("--json", "json_", is_flag=True, help="For programs.")
@of_one_home
@click.pass_obj
def fabric(network: Path, *, version: str, json_: bool, institution: str | None, homes: Path | None) -> None:
    """Let orderers and peers run a later version of Fabric, one after the other, while the others serve.

    Run it at one home after the other. It refuses while the channel could not do without the home. Fabric does not go
    back.

    \b
    Examples:
      medconsent-network upgrade fabric --version 3.1.1
      medconsent-network upgrade fabric --version 3.1.1 --institution hanbit --homes /srv/homes
    """
    from medconsent_network.upgrade import fabric as way  # noqa: PLC0415
    from medconsent_network.upgrade.recording import recorded  # noqa: PLC0415

    def advance(home: Home) -> list[Step]:
        progress = Progress()
        with home.locked(progress):
            try:
                return list(way.advance(home.path, version, progress))
            finally:
                recorded(network)

    wanted = _homes(network, institution, homes)
    ways = {home.name: lambda home=home: advance(home) for home in wanted}
    steps.go(ways, f"runs Fabric {version}", 0, as_json=json_)


@upgrade.command()
@click.argument("name", metavar="CAPABILITY")
@click.option("--out", type=click.Path(path_type=Path), help="The file (default: raise-<capability>.json).")
@of_one_home
@click.pass_obj
def capability(network: Path, name: str, out: Path | None, institution: str | None, homes: Path | None) -> None:
    """Write down the change that gives the channel a higher CAPABILITY (V3_0), once all run a Fabric that knows it.

    Then each member: `channel inspect`, `channel sign`, which refuse where the home does not know it; one of them:
    `channel submit`. A node that does not know it stops at that block.

    \b
    Examples:
      medconsent-network upgrade capability V3_0 --out raise-V3_0.json
    """
    from medconsent_network.membership.changes import CAPABILITIES  # noqa: PLC0415

    if name not in CAPABILITIES:
        raise click.UsageError(f"there is no capability {name} to raise to: {', '.join(CAPABILITIES)}")
    write_change(the_home(network, institution, homes), "raise", name, out)


def _homes(network: Path, institution: str | None, homes: Path | None) -> list[Home]:
    """The one home that is meant; without a word about it all homes of a network."""
    if (network / "consortium.yaml").is_file() and not (institution or homes):
        return all_homes(network, None, None)
    return [the_home(network, institution, homes)]
