"""`medconsent audit verify`: whether exported blocks are what they ought to be, by themselves alone."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, shape
from medconsent_cli.app.exit_codes import Exit
from medconsent_cli.app.state import App, pass_app

if TYPE_CHECKING:
    from medconsent.proof.report import Report


@click.command(
    "verify",
    cls=shape.Command,
    help="""Whether exported blocks are genuine, and who was permitted what.

    Offline, from the files alone, without trust in whoever served them. Trusted are the channel's first block
    (--genesis) and the contract's program (--contract: the chaincode's executable), both from the auditor's own source.
    Verified are the hash chain, the ordering service's signatures, each change of the configuration, creators' and
    endorsers' signatures, endorsement policies and seals, and whether valid and invalid are told apart rightly. The
    program then runs every transaction again over the ledger as it stood, and decides on every grant. FOLDER has all
    blocks, as `medconsent watch export` writes them. The exit code is 8 when anything is found. What was not checked
    is said.""",
    examples="""
    medconsent audit verify blocks/ --genesis genesis.block --contract .build/chaincode/medconsent
    medconsent audit verify blocks/ --genesis genesis.block --contract ./medconsent --json > audit.json
    medconsent audit verify blocks/ --genesis genesis.block --without-contract
    """,
)
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--genesis",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="BLOCK",
    help="The channel's first block, from somebody whom you trust.",
)
@click.option(
    "--contract",
    "program",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="PROGRAM",
    help="The contract's program, which runs everything again.",
)
@click.option("--without-contract", is_flag=True, help="Verify chain, signatures and configuration only.")
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    default=os.cpu_count() or 1,
    metavar="N",
    help="How many processes verify signatures. Default: one a processor.",
)
@click.pass_context
@pass_app
def verify(
    app: App,
    ctx: click.Context,
    *,
    folder: Path,
    genesis: Path,
    program: Path | None,
    without_contract: bool,
    processes: int,
) -> None:
    """See the help."""
    if (program is None) is not without_contract:
        raise click.UsageError("Give --contract PROGRAM, or --without-contract to have no decision judged again.")
    from medconsent.proof.verify import verify as proven  # noqa: PLC0415
    from medconsent.services.watch.sources import exported  # noqa: PLC0415

    first = next(exported(genesis))
    with app.working("verifying the blocks"):
        report = proven(first, exported(folder), program, processes=processes)
    app.show(report.to_json(), lambda: _show(report))
    ctx.exit(Exit.DONE if report.clean else Exit.DIFFERS)


def _show(report: "Report") -> None:
    output.fields(
        [
            ("channel", report.channel),
            ("blocks", report.blocks),
            ("first block", report.first),
            ("last block", report.last),
            ("contract", f"{report.version} ({report.contract})" if report.contract else "not run"),
        ]
    )
    output.line()
    output.line(output.strong("Checked"))
    for sentence in report.checked():
        output.line(f"- {sentence}")
    output.line()
    if report.configurations:
        output.line(output.strong("Configuration"))
        for one in report.configurations:
            output.line(f"- block {one.block}, signed by {', '.join(one.signed_by) or 'nobody'}")
            for change in one.changes:
                output.line(f"  {change}")
        output.line()
    if report.contract:
        output.line(output.strong("Who was permitted what"))
        output.table(
            ["grant", "dataset", "people", "mode", "approved by", "when", "check", "state", "ended"],
            [
                [
                    output.short(one.id),
                    one.dataset,
                    ", ".join(one.people),
                    one.mode,
                    ", ".join(one.by),
                    one.at,
                    ", ".join(one.decisions),
                    one.state,
                    one.ended,
                ]
                for one in report.permitted
            ],
            empty="no grant was made",
        )
        output.line()
    output.line(output.strong("Findings"))
    output.table(
        ["code", "block", "transaction", "what"],
        [[one.code, one.block, output.short(one.transaction), one.sentence] for one in report.findings],
        empty="nothing was found",
    )
