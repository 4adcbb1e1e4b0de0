"""Which home a command is for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from medconsent_network.errors import NetworkError
from medconsent_network.home import Home

F = TypeVar("F", bound=Callable[..., Any])


def of_one_home(command: F) -> F:
    """The options that name one home: with them its command is called with `institution` and `homes`."""
    institution = click.option("--institution", help="Whose home (default: the only one that is there).")
    homes = click.option(
        "--homes", type=click.Path(path_type=Path), help="Folder of the homes (default: <network>/homes)."
    )
    return institution(homes(command))


def the_home(network: Path, institution: str | None, homes: Path | None) -> Home:
    """The home that is meant.

    Args:
        network: A network's folder, whose `homes/` has the institution's; None where it was not said.
        institution: The institution; None where the folder has only one.
        homes: The folder of homes.

    Raises:
        NetworkError: HOME_MISSING when there is none, or there are several and none was named.
    """
    folder = homes or network / "homes"
    if institution:
        return Home.open(folder / institution)
    found = sorted(path.parent for path in folder.glob("*/consortium.yaml"))
    if len(found) == 1:
        return Home.open(found[0])
    said = f"several homes are in {folder}" if found else f"there is no home in {folder}"
    hint = (
        "Name one with --institution."
        if found
        else "`medconsent-network home init FILE` makes one; --homes names a folder."
    )
    raise NetworkError("HOME_MISSING", said, hint)


def all_homes(network: Path, institution: str | None, homes: Path | None) -> list[Home]:
    """The homes that are meant: one, or all of the network.

    Args:
        network: The network's folder.
        institution: Whose home; None for all.
        homes: The folder that the home is in; None for that of the network.

    Raises:
        NetworkError: HOME_MISSING when there is none.
    """
    from medconsent_network.consortium import Consortium  # noqa: PLC0415 - it takes most of a second

    home = alone(network, institution, homes)
    return [home] if home else list(Consortium.at(network).homes.values())


def alone(network: Path, institution: str | None, homes: Path | None) -> Home | None:
    """The one home that was asked for; None when the whole network was.

    Args:
        network: The network's folder.
        institution: Whose home; None for all.
        homes: The folder that the home is in; None for that of the network.

    Raises:
        click.UsageError: a folder of homes was named, and no institution.
        NetworkError: HOME_MISSING when there is no such home.
    """
    if institution:
        return Home.open((homes or network / "homes") / institution)
    if homes:
        raise click.UsageError("--homes is for one home alone: name its institution too")
    return None
