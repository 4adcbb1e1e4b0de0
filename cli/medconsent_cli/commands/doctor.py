"""`medconsent doctor`: what is wrong with a set-up, and how to mend it."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output
from medconsent_cli.app.exit_codes import Exit
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app

if TYPE_CHECKING:
    from medconsent.doctor import Finding

_LABELS = {"ok": "ok", "warning": "warning", "wrong": "WRONG", "unknown": "unknown"}


@click.command(
    "doctor",
    cls=Command,
    help="""Find what is wrong with a set-up, and say how to mend it.

    Of the context that acts: its files, certificate, key and roots, the peer, the CA, the clocks, the contract, and
    what the ledger knows of one's key, offices and seats. Nothing is changed. What cannot be reached is a finding, and
    the rest is told. The exit code is 10 when something is wrong, and 0 otherwise, also with warnings.""",
    examples="""
    medconsent doctor
    medconsent doctor --context nuri/kim --timeout 2
    medconsent doctor --json
    """,
)
@click.option("--all", "everything", is_flag=True, help="Show what is well, too.")
@click.pass_context
@pass_app
def doctor(app: App, ctx: click.Context, *, everything: bool) -> None:
    """See the help."""
    from medconsent.doctor import Patient, examine  # noqa: PLC0415

    with app.working("looking at the set-up"):
        found = list(examine(Patient(app.context, app.timeout or 5.0)))
    wrong = [one for one in found if one.state == "wrong"]
    value = {"items": [one.to_json() for one in found], "more": False, "well": not wrong}
    app.show(value, lambda: _tell(found, everything=everything))
    ctx.exit(Exit.UNWELL if wrong else Exit.DONE)


def _tell(found: "list[Finding]", *, everything: bool) -> None:
    width = max(map(len, _LABELS.values()))
    for one in found:
        if one.state == "ok" and not everything:
            continue
        label = output.word(_LABELS[one.state]) + " " * (width - len(_LABELS[one.state]))
        output.line(f"{label}  {output.safe(f'{one.about}: {one.message}')}")
        if one.mend:
            output.line(output.safe(f"{'':{width}}  mend: {one.mend}"))
    counts = {state: sum(one.state == state for one in found) for state in _LABELS}
    told = [f"{counts['ok']} well", f"{counts['warning']} to be warned of", f"{counts['wrong']} wrong"]
    told += [f"{counts['unknown']} not known"] if counts["unknown"] else []
    output.line(", ".join(told) + ("" if everything or not counts["ok"] else " (--all shows all)"))
