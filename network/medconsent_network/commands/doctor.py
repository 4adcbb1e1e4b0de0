"""`medconsent-network doctor`: what is in the way of a home, and what to do."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from medconsent_network.commands.homes import all_homes, of_one_home, the_home

# What talks to processes is imported by the command that needs it, as in `medconsent_network.main`.


@click.command()
@click.option("--all", "all_", is_flag=True, help="Tell also what is as it should be.")
@click.option("--json", "json_", is_flag=True, help="For programs: everything.")
@of_one_home
@click.pass_obj
def doctor(network: Path, *, all_: bool, json_: bool, institution: str | None, homes: Path | None) -> None:
    """Look for what is in the way of a home: machine, names, ports, versions, certificates, others, clocks, channel.

    It changes nothing. Ends with code 3 when something is wrong.

    \b
    Examples:
      medconsent-network doctor
      medconsent-network doctor --all --institution hanbit --homes /srv/homes
      medconsent-network doctor --json
    """
    from medconsent_network.doctor import examine  # noqa: PLC0415

    whole = (network / "consortium.yaml").is_file() and not (institution or homes)
    wanted = all_homes(network, None, None) if whole else [the_home(network, institution, homes)]
    found = [(home.name, finding) for home in wanted for finding in examine(home)]
    if json_:
        click.echo(json.dumps([{"institution": name, **asdict(one)} for name, one in found], indent=2))
    else:
        for name, one in found:
            if all_ or one.state != "ok":
                click.echo(f"{one.state:7}  {name}: {one.about}: {one.message}")
                if one.mend:
                    click.echo(f"         {one.mend}")
        fine = sum(one.state == "ok" for _, one in found)
        click.echo(f"{fine} of {len(found)} findings are as they should be.")
    sys.exit(3 if any(one.state == "wrong" for _, one in found) else 0)
