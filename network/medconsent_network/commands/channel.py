"""`medconsent-network channel`: what institutions agree on by files. And `org-add`, `org-remove`: what they change."""

from pathlib import Path
from typing import Literal

import click

from medconsent._internal.words import counted
from medconsent_network.asking import confirm
from medconsent_network.commands.homes import of_one_home, the_home
from medconsent_network.home import Home

_FILE = click.Path(path_type=Path)


@click.group()
def channel() -> None:
    """Propose the channel's first block, look at what others propose, sign and submit changes: all of it by files.

    \b
    Examples:
      medconsent-network channel propose --out first-block.json
      medconsent-network channel inspect first-block.json
      medconsent-network channel sign add-onnuri.json --out add-onnuri.hanbit.json
      medconsent-network channel submit add-onnuri.json add-onnuri.*.json
    """


@channel.command()
@click.option("--out", type=_FILE, default=Path("first-block.json"), show_default=True, help="The file.")
@of_one_home
@click.pass_obj
def propose(network: Path, out: Path, institution: str | None, homes: Path | None) -> None:
    """Make the channel's first block from the bundles that the home holds. Give the file to all.

    \b
    Examples:
      medconsent-network channel propose --out first-block.json
    """
    from medconsent_network.founding import entering  # noqa: PLC0415
    from medconsent_network.founding.held import Held  # noqa: PLC0415

    paper, seen = entering.propose(Held.of(the_home(network, institution, homes)), out)
    for line in seen.lines:
        click.echo(line)
    click.echo(f"{out}: fingerprint {paper.fingerprint}")


@channel.command()
@click.argument("file", type=_FILE)
@of_one_home
@click.pass_obj
def inspect(network: Path, file: Path, institution: str | None, homes: Path | None) -> None:
    """Say in words what FILE would make true, and refuse what is not hardened, or does not follow from the bundles.

    FILE is a first block, an invitation, or a change that is to be signed. Nothing is joined or signed.

    \b
    Examples:
      medconsent-network channel inspect first-block.json
      medconsent-network channel inspect add-onnuri.json
    """
    from medconsent_network.founding import entering, papers, rounds  # noqa: PLC0415
    from medconsent_network.founding.held import Held  # noqa: PLC0415

    holding = Held.of(the_home(network, institution, homes))
    paper = papers.read(file, entering.FIRST_BLOCK, entering.INVITATION, rounds.UPDATE)
    seen = rounds.inspect(holding, paper) if paper.kind == rounds.UPDATE else entering.inspect(holding, paper)
    for line in seen.lines:
        click.echo(line)
    seen.require()
    click.echo(f"Nothing is against it. Fingerprint {paper.fingerprint}")


@channel.command()
@click.argument("file", type=_FILE)
@click.option(
    "--out", type=_FILE, help="The file of the signature (default: beside FILE, with the institution's name)."
)
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@of_one_home
@click.pass_obj
def sign(
    network: Path, file: Path, out: Path | None, *, yes: bool, institution: str | None, homes: Path | None
) -> None:
    """Look at a change and sign it on behalf of the home's institution. The signature is a file of its own.

    \b
    Examples:
      medconsent-network channel sign add-onnuri.json --out add-onnuri.hanbit.json
    """
    from medconsent_network.founding import papers, rounds  # noqa: PLC0415
    from medconsent_network.founding.held import Held  # noqa: PLC0415

    holding = Held.of(the_home(network, institution, homes))
    paper = papers.read(file, rounds.UPDATE)
    seen = rounds.inspect(holding, paper)
    for line in seen.lines:
        click.echo(line)
    seen.require()
    if not yes:
        confirm(f"Sign this for {holding.home.name}?")
    path = out or file.with_suffix(f".{holding.home.name}.json")
    rounds.sign(holding, paper, path)
    click.echo(f"{path}: signed by {holding.home.name}")


@channel.command()
@click.argument("file", type=_FILE)
@click.argument("signatures", type=_FILE, nargs=-1, required=True)
@of_one_home
@click.pass_obj
def submit(
    network: Path, file: Path, signatures: tuple[Path, ...], institution: str | None, homes: Path | None
) -> None:
    """Hand a change in at the home's orderer, with the signatures that were collected.

    \b
    Examples:
      medconsent-network channel submit add-onnuri.json add-onnuri.hanbit.json add-onnuri.nuri.json
    """
    from medconsent_network.founding import papers, rounds  # noqa: PLC0415
    from medconsent_network.founding.held import Held  # noqa: PLC0415

    holding = Held.of(the_home(network, institution, homes))
    collected = [papers.read(path, rounds.SIGNATURE) for path in signatures]
    done = rounds.submit(holding, papers.read(file, rounds.UPDATE), collected)
    verb = "is in the channel no more" if done.what == "remove" else "is in the channel now"
    click.echo(f"{done.subject} {verb}; {counted(len(done.signed_by), 'signature')}: {', '.join(done.signed_by)}")


@channel.command()
@click.option("--out", type=_FILE, default=Path("invitation.json"), show_default=True, help="The file.")
@of_one_home
@click.pass_obj
def invite(network: Path, out: Path, institution: str | None, homes: Path | None) -> None:
    """Write what a new member joins with: the channel's first block, and its configuration as it is now.

    \b
    Examples:
      medconsent-network channel invite --out invitation.json
    """
    from medconsent_network.founding import entering  # noqa: PLC0415
    from medconsent_network.founding.held import Held  # noqa: PLC0415

    paper = entering.invite(Held.of(the_home(network, institution, homes)), out)
    click.echo(f"{out}: fingerprint {paper.fingerprint}")


@click.command("org-add")
@click.argument("name")
@click.option("--out", type=_FILE, help="The file (default: add-<name>.json).")
@of_one_home
@click.pass_obj
def org_add(network: Path, name: str, out: Path | None, institution: str | None, homes: Path | None) -> None:
    """Write down the change that adds the institution NAME, whose bundle the home has admitted. Nothing is changed yet.

    Then each member: `channel inspect`, `channel sign`; one of them: `channel submit`, `channel invite`.

    \b
    Examples:
      medconsent-network home admit onnuri.bundle.json
      medconsent-network org-add onnuri --out add-onnuri.json
    """
    write_change(the_home(network, institution, homes), "add", name, out)


@click.command("org-remove")
@click.argument("name")
@click.option("--out", type=_FILE, help="The file (default: remove-<name>.json).")
@of_one_home
@click.pass_obj
def org_remove(network: Path, name: str, out: Path | None, institution: str | None, homes: Path | None) -> None:
    """Write down the change that removes the institution NAME from the channel. Nothing is changed yet.

    Then each member, NAME among them where all have to agree: `channel inspect`, `channel sign`; one: `channel submit`.

    \b
    Examples:
      medconsent-network org-remove onnuri --out remove-onnuri.json
    """
    write_change(the_home(network, institution, homes), "remove", name, out)


def write_change(one: Home, what: Literal["add", "remove", "raise"], name: str, out: Path | None) -> None:
    """Write down a change of the channel for all to sign, and say what is next.

    Args:
        one: Whose home it is.
        what: What happens: an institution comes or goes, or the channel is given a higher capability.
        name: The institution, or the capability.
        out: The file; None for `<what>-<name>.json`.
    """
    from medconsent_network.founding import rounds  # noqa: PLC0415
    from medconsent_network.founding.held import Held  # noqa: PLC0415

    path = out or Path(f"{what}-{name}.json")
    paper = rounds.write_update(Held.of(one), what, name, path)
    click.echo(f"{path}: fingerprint {paper.fingerprint}. Next, at each member: medconsent-network channel sign {path}")
