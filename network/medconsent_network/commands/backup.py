"""`medconsent-network backup-key`, `backup` and `restore`: one home, kept and put back."""

import json
from pathlib import Path

import click

from medconsent_network.commands.homes import of_one_home, the_home
from medconsent_network.progress import Progress

# What talks to processes is imported by the command that needs it, as in `medconsent_network.main`.

_FILE = click.Path(path_type=Path)
_PASSPHRASE = click.option(
    "--passphrase-file",
    type=_FILE,
    help="The key's passphrase is the first line of this file; else it is asked for.",
)


@click.command("backup-key")
@click.argument("file", type=_FILE)
@_PASSPHRASE
def backup_key(file: Path, passphrase_file: Path | None) -> None:
    """Make a key for backups, in FILE, encrypted with a passphrase; its public key is printed.

    Keep FILE and passphrase away from the home's host, in two places: without them no backup can be read. The public
    key is all that `backup` needs. FILE is of the age format, so age itself reads it too.

    \b
    Examples:
      medconsent-network backup-key hanbit-backup.key
      medconsent-network backup-key hanbit-backup.key --passphrase-file passphrase.txt
    """
    from medconsent_network.backup import sealed  # noqa: PLC0415

    sealed.require()
    said = _passphrase(passphrase_file, f"A passphrase for {file}", new=True)
    click.echo(sealed.new_key(file, said))


@click.command()
@click.option("--out", type=_FILE, required=True, help="The file; one that is there is not written over.")
@click.option("--to", "to_whom", metavar="age1...", multiple=True, required=True, help="A public key; may be repeated.")
@click.option("--keys-only", is_flag=True, help="Without the ledgers: CAs, keys and certificates. Small, for a safe.")
@click.option("--json", "json_", is_flag=True, help="For programs.")
@of_one_home
@click.pass_obj
def backup(
    network: Path,
    *,
    out: Path,
    to_whom: tuple[str, ...],
    keys_only: bool,
    json_: bool,
    institution: str | None,
    homes: Path | None,
) -> None:
    """Write an encrypted backup of one home while it runs, and read it back: every file, every block.

    In it are both CAs, all keys of the home, both ledgers, its private texts and the watcher's state. Each process is
    held for a moment, so that its files fit together. Keep the file on another machine.

    \b
    Examples:
      medconsent-network backup --out hanbit.backup --to age1q...
      medconsent-network backup --out hanbit-keys.backup --to age1q... --keys-only
      medconsent-network backup --institution hanbit --homes /srv/homes --out hanbit.backup --to age1q...
    """
    from medconsent_network.backup import making  # noqa: PLC0415

    home, progress = the_home(network, institution, homes), Progress()
    with home.locked(progress):
        made = making.make(home, out, to_whom, ledger=not keys_only, progress=progress)
    chain = made.seen.chains.get("peer")
    if json_:
        facts = {
            "file": str(made.path),
            "sha256": made.sha256,
            "institution": home.name,
            "files": made.seen.files,
            "bytes": made.seen.size,
            "blocks": chain.height if chain else None,
            "held_seconds": {name: round(seconds, 3) for name, seconds in made.held.items()},
        }
        click.echo(json.dumps(facts))
        return
    what = f"{chain.height} blocks, the last {chain.tip.hex()[:16]}" if chain else "keys only"
    click.echo(f"{made.path}: {home.name}, {made.seen.files} files, {what}; read back and whole.")
    click.echo(f"SHA-256 {made.sha256}")


@click.command()
@click.argument("file", type=_FILE)
@click.option("--key", type=_FILE, required=True, help="The key that the backup was made for.")
@_PASSPHRASE
@click.option("--homes", type=_FILE, help="Folder of the homes (default: <network>/homes).")
@click.option("--check", is_flag=True, help="Only look whether the backup is whole; nothing is written.")
@click.option("--unchecked", is_flag=True, help="Nobody can be asked, and I know that the home runs nowhere.")
@click.pass_obj
def restore(
    network: Path,
    *,
    file: Path,
    key: Path,
    passphrase_file: Path | None,
    homes: Path | None,
    check: bool,
    unchecked: bool,
) -> None:
    """Put the home in a backup into the folder of the homes, all of it or nothing. Nothing is started.

    Before that the other institutions' peers are asked whether the home runs elsewhere: never two of one home.

    \b
    Examples:
      medconsent-network restore hanbit.backup --key hanbit-backup.key --check
      medconsent-network restore hanbit.backup --key hanbit-backup.key --homes /srv/homes
    """
    from medconsent_network.backup import making, sealed  # noqa: PLC0415

    identity = sealed.read_key(key, lambda: _passphrase(passphrase_file, f"The passphrase of {key}", new=False))
    if check:
        seen = making.check(file, identity)
        click.echo(f"{file} is whole: {_told(seen)}")
        return
    folder = homes or network / "homes"
    home, seen = making.restore(file, identity, folder, unchecked=unchecked, progress=Progress())
    click.echo(f"The home is {home.path}: {_told(seen)}")
    by_itself = f"medconsent-network up --institution {home.name} --homes {folder}"
    click.echo(f"Next: {by_itself}")


def _told(seen: object) -> str:
    from medconsent_network.backup.archive import Seen  # noqa: PLC0415

    assert isinstance(seen, Seen)  # noqa: S101 - for the types; imported late
    chain = seen.chains.get("peer")
    what = f"{chain.height} blocks, the last {chain.tip.hex()[:16]}" if chain else "keys only, no ledger"
    return f"{seen.about.institution}, made {seen.about.made}, {seen.files} files, {what}"


def _passphrase(file: Path | None, question: str, *, new: bool) -> str:
    if file is None:
        return str(click.prompt(question, hide_input=True, confirmation_prompt=new, err=True))
    try:
        text = file.read_text(encoding="utf-8").split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"cannot read {file}: {error}") from error
    if not text:
        raise click.UsageError(f"there is no passphrase in {file}")
    return text
