"""`medconsent watch`: the institution's watcher of its own peer's ledger."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from medconsent._internal.words import counted
from medconsent_cli.app import output, shape, steps
from medconsent_cli.app.exit_codes import Exit
from medconsent_cli.app.files import write_file
from medconsent_cli.app.render import confirm, show_written, when
from medconsent_cli.app.state import App, pass_app

if TYPE_CHECKING:
    from medconsent.fabric.trust import Authority
    from medconsent.services.watch.journal import Journal
    from medconsent.services.watch.status import Status

watch = shape.group(
    "watch",
    help="""Watch the ledger for what should not be there.

    The watcher runs beside one's own peer and judges every block by the institution's own root certificates. What
    it finds closes the institution's decisions, until somebody accepts the finding; docs/watcher.md says what each
    code means.""",
    examples="""
    medconsent watch ledger
    medconsent watch status
    medconsent watch accept 3f2a91 --reason "onnuri joined, agreed on 2026-11-20"
    """,
)

_FOLDER = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    envvar="MEDCONSENT_WATCH_FOLDER",
    help="Where checkpoint, findings and alarm are. Default: $MEDCONSENT_WATCH_FOLDER, else below the contexts.",
)


def _complete_code(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from medconsent.watch.kinds import KINDS  # noqa: PLC0415

    return [code for code in KINDS if code.startswith(incomplete.upper())]


class _From(click.ParamType[str]):
    """Where to begin."""

    name = "from"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in ("genesis", "checkpoint") and not (str(value).isascii() and str(value).isdigit()):
            self.fail(f"{value!r} is none of: genesis, checkpoint, or the number of a block.", param, ctx)
        return str(value)


@watch.command(
    "ledger",
    help="""Judge every block of one's own peer, and go on with what comes.

    Certificates and signatures are verified against the institution's own root certificates: the one that the context
    came with, or --root. A finding is a line on stdout, a line in the journal, a metric; one that closes writes the
    alarm file, which the institution's chaincode reads: then every check answers deny. With --once it ends when
    everything is judged; the exit code is 9 while findings keep decisions closed, and 0 otherwise. With --blocks it
    judges exported blocks, as an auditor does, for any institution whose root certificate is given.""",
    examples="""
    medconsent watch ledger
    medconsent watch ledger --once --json
    medconsent watch ledger --from genesis --genesis genesis.block --metrics-file /var/lib/node_exporter/medconsent.prom
    medconsent watch ledger --blocks exported/ --institution hanbit --root hanbit-ca.pem
    """,
)
@click.option(
    "--from",
    "begin",
    type=_From(),
    default="checkpoint",
    show_default=True,
    metavar="genesis|checkpoint|N",
    help="Begin there; without a checkpoint, with the first block.",
)
@click.option("--once", is_flag=True, help="End when everything that is there is judged.")
@click.option(
    "--blocks", type=click.Path(exists=True, path_type=Path), metavar="PATH", help="Judge these files, not one's peer."
)
@click.option(
    "--genesis",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The channel's first block, as the institution keeps it: the ledger must begin with it.",
)
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A root certificate of the institution's CA, or one between (PEM); may be given again.",
)
@click.option("--institution", metavar="NAME", help="Watch for this institution; needs --root.")
@click.option("--chaincode", metavar="NAME", help="The chaincode's name. Default: the context's.")
@_FOLDER
@click.option(
    "--every", type=click.FloatRange(min=0.05), default=1.0, show_default=True, metavar="SECONDS",
    help="How often the peer is asked for new blocks.",
)  # fmt: skip
@click.option(
    "--compare", type=click.FloatRange(min=0), default=30.0, show_default=True, metavar="SECONDS",
    help="How often other institutions' peers are compared with; 0: never.",
)  # fmt: skip
@click.option(
    "--beat", type=click.FloatRange(min=0), default=0.0, show_default=True, metavar="SECONDS",
    help="How often the institution's beat is written, by which the age of its ledger is told; 0: never.",
)  # fmt: skip
@click.option("--metrics", metavar="HOST:PORT", help="Serve metrics there, for Prometheus.")
@click.option(
    "--metrics-file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write metrics there."
)
@click.pass_context
@pass_app
def ledger(app: App, ctx: click.Context, /, **options: Any) -> None:
    """See the help."""
    from medconsent_cli.commands.watch.loop import judge  # noqa: PLC0415

    authority, chaincode = _whom(app, options)
    folder = _folder(app, options["folder"], authority.msp_id, exported=options["blocks"] is not None)
    standing = judge(app, authority, chaincode, folder, options)
    ctx.exit(Exit.ALARM if standing else Exit.DONE)


@watch.command(
    "status",
    help="""How the watcher stands, and what it found.

    The exit code is 9 while findings keep decisions closed.""",
    examples="""
    medconsent watch status
    medconsent watch status --json
    """,
)
@_FOLDER
@click.option("--institution", metavar="NAME", help="The institution's. Default: the context's.")
@click.pass_context
@pass_app
def status(app: App, ctx: click.Context, folder: Path | None, institution: str | None) -> None:
    """See the help."""
    from medconsent.services.watch.status import read  # noqa: PLC0415

    found = read(_folder(app, folder, institution or "", must_exist=True))
    app.show(found.to_json(), lambda: _show_status(found))
    ctx.exit(Exit.ALARM if found.standing else Exit.DONE)


@watch.command(
    "accept",
    help="""Accept findings, so that decisions open again.

    Their reason is known, and decisions need not stay closed for them. It is recorded of each who accepted it, when and
    why. Decisions open again with the last finding that closes. --all-of shows the open findings with one code and asks
    first; it accepts what it showed, and nothing with another code.""",
    examples="""
    medconsent watch accept 3f2a91 --reason "onnuri joined, agreed on 2026-11-20"
    medconsent watch accept 3f2a91 77e01c --reason "onnuri joined with its orderer, agreed on 2026-11-20"
    medconsent watch accept --all-of CREATOR_FORGED --reason "judged against another CA's certificate by mistake"
    """,
)
@click.argument("findings", nargs=-1, metavar="[FINDING]...")
@click.option(
    "--all-of",
    "code",
    metavar="CODE",
    shell_complete=_complete_code,
    help="Every open finding with this code, instead of FINDING.",
)
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is recorded.")
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@_FOLDER
@click.option("--institution", metavar="NAME", help="The institution's. Default: the context's.")
@pass_app
def accept(
    app: App,
    *,
    findings: tuple[str, ...],
    code: str | None,
    reason: str,
    yes: bool,
    folder: Path | None,
    institution: str | None,
) -> None:
    """See the help."""
    from medconsent.services.watch.journal import Journal  # noqa: PLC0415
    from medconsent.services.watch.status import who  # noqa: PLC0415
    from medconsent_cli.commands.watch.loop import keeping  # noqa: PLC0415

    if not reason.strip():
        raise click.UsageError("say why: --reason TEXT")
    if bool(findings) == bool(code):
        raise click.UsageError("which? Name findings, or one code with --all-of; not both.")
    journal = Journal(_folder(app, folder, institution or "", must_exist=True))
    # By their ids: what is found between the question and the answer stays open.
    names = _agreed(app, journal, code.upper(), yes=yes) if code else findings
    accepted = journal.accept(names, by=who(), reason=reason.strip())
    standing = journal.open()

    def people() -> None:
        for entry in accepted:
            output.line(output.safe(f"accepted {entry.finding.id} {entry.finding.code}"))
        output.line(keeping(len(standing), "still ") if standing else "decisions are open")

    app.show({"accepted": [entry.to_json() for entry in accepted], "open": len(standing)}, people)


def _agreed(app: App, journal: "Journal", code: str, *, yes: bool) -> list[str]:
    """The ids of the open findings with one code, after they were shown and somebody said yes.

    Raises:
        click.UsageError: there are none, or nobody can be asked.
        click.Abort: the answer was no.
    """
    from medconsent_cli.commands.watch.loop import one_code  # noqa: PLC0415

    standing = journal.open()
    chosen = [entry for entry in standing if entry.finding.code == code]
    if not chosen:
        codes = ", ".join(sorted({entry.finding.code for entry in standing})) or "none"
        raise click.UsageError(f"no open finding has the code {code!r}; codes of open findings: {codes}.")
    if not app.json:
        one_code(chosen, others=len(standing) - len(chosen))
    these = "this finding" if len(chosen) == 1 else f"these {len(chosen)} findings"
    confirm(f"Accept {these} ({code})?", yes=yes)
    return [entry.finding.id for entry in chosen]


@watch.command(
    "beat",
    help="""Write the institution's beat on the ledger, once.

    When it comes back in a block, the ledger at one's own peer is known to be of now: whatever was ordered before is
    in it. The watcher does this every few seconds (`watch ledger --beat`).""",
    examples="""
    medconsent watch beat
    """,
)
@pass_app
def beat(app: App) -> None:
    """See the help."""
    with app.changing("writing a beat") as client:
        written = client.ledger.beat()
    then = steps.step("anybody", "can see how old the ledger is", "watch age")
    beat = written.answer
    show_written(app, written, lambda: output.fields([("beat of", beat.institution), ("at", when(beat.at))]), then=then)


@watch.command(
    "age",
    help="""How old the ledger at one's own peer is.

    It is as old as the newest of the institution's own beats that has come back in a block. Past the institution's
    bound every check denies (LEDGER_OLD), and the exit code is 9.""",
    examples="""
    medconsent watch age
    medconsent watch age --json
    """,
)
@click.pass_context
@pass_app
def age(app: App, ctx: click.Context) -> None:
    """See the help."""
    with app.asking("asking for the age of the ledger") as client:
        found = client.ledger.age()
    known = f"{when(found.as_of)}, {found.age_seconds} s ago" if found.as_of else "not known"
    bound = f"{found.within_seconds} s" if found.within_seconds else "none: decisions rest on it however old it is"
    app.show(
        found.to_json(),
        lambda: output.fields(
            [("peer of", found.institution or "not told"), ("as of", known), ("bound", bound), ("closed", found.old)]
        ),
    )
    ctx.exit(Exit.ALARM if found.old else Exit.DONE)


@watch.command(
    "export",
    help="""Write blocks of one's own peer to files, for an auditor.

    One file a block, with the peer's own judgement of each transaction; `medconsent watch ledger --blocks` reads
    them. Nothing is written when one of the files exists; --from goes on after those that are there.""",
    examples="""
    medconsent watch export blocks/
    medconsent watch export blocks/ --from 1000 --to 1999
    """,
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--from", "first", type=click.IntRange(min=0), default=0, metavar="N", help="First block. Default: 0.")
@click.option("--to", "last", type=click.IntRange(min=0), metavar="N", help="Last block. Default: the newest.")
@click.option("--replace", is_flag=True, help="Replace the files when they exist.")
@pass_app
def export(app: App, *, folder: Path, first: int, last: int | None, replace: bool) -> None:
    """See the help."""
    from medconsent.contexts import Contexts  # noqa: PLC0415
    from medconsent.services.watch.sources import exported_in, name_of, own_peer  # noqa: PLC0415

    context = Contexts().get(app.context)
    there = [] if replace else exported_in(folder, context.channel, first, last)
    if there:
        raise click.UsageError(
            f"{folder} has {counted(len(there), 'such file')} already, up to {there[-1].name}: "
            "give --replace to overwrite, or --from the block after it."
        )
    count = 0
    folder.mkdir(parents=True, exist_ok=True)
    with app.working("exporting blocks"), own_peer(context) as peer:
        for block in peer.blocks(first, last):
            write_file(str(folder / name_of(block)), block.to_bytes(), replace=replace)
            count += 1
    told = f"{counted(count, 'block')} in {folder}"
    app.show({"blocks": count, "folder": str(folder)}, lambda: output.line(told))


def _whom(app: App, options: dict[str, Any]) -> "tuple[Authority, str]":
    """For which institution, by which roots; and the chaincode's name.

    Raises:
        click.UsageError: another institution than the context's is named, without its roots.
    """
    from medconsent.contexts import Contexts  # noqa: PLC0415
    from medconsent.services.watch.sources import pinned, pinned_by  # noqa: PLC0415

    institution, roots = options["institution"], options["roots"]
    if institution and roots and options["blocks"]:
        return pinned(institution, roots), options["chaincode"] or "medconsent"
    context = Contexts().get(app.context)
    institution = institution or context.institution
    if institution != context.institution and not roots:
        raise click.UsageError(f"to watch for {institution}, name the root certificates of its CA: --root FILE")
    authority = pinned(institution, roots) if roots else pinned_by(context)
    return authority, options["chaincode"] or context.chaincode


def _folder(
    app: App, folder: Path | None, institution: str, *, exported: bool = False, must_exist: bool = False
) -> Path:
    """The watcher's folder: the one that was named, or the institution's below the configuration folder.

    Raises:
        click.UsageError: there is none, and it `must_exist`.
    """
    from medconsent.contexts import Contexts, default_home  # noqa: PLC0415

    if folder is None:
        name = institution or Contexts().get(app.context).institution
        folder = default_home() / "watch" / (f"{name}-exported" if exported else name)
    if must_exist and not folder.is_dir():
        raise click.UsageError(f"there is no watcher in {folder}: name its folder with --folder.")
    return folder


def _show_status(found: "Status") -> None:
    from medconsent_cli.commands.watch.loop import keeping, rows  # noqa: PLC0415

    output.fields(
        [
            ("watches for", found.institution),
            ("next block", found.next),
            ("last heard of", found.heartbeat or "never"),
            (
                "findings",
                keeping(found.standing) if found.standing else "none keeps decisions closed",
            ),
            ("folder", found.folder),
            (
                "",
                "it closes the decisions of the chaincode whose MEDCONSENT_ALARM_FILE is in this folder, and no other",
            ),
        ]
    )
    if found.entries:
        output.line()
        rows(found.entries)
