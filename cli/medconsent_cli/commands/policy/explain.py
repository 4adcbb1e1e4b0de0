"""`medconsent policy explain`: what a policy would say, alternative by alternative."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output
from medconsent_cli.app.files import is_file, read_policy
from medconsent_cli.app.options import duration_of, duration_options
from medconsent_cli.app.purpose import purpose_options
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.commands.decision import explain_options, require_institution, tell
from medconsent_cli.commands.policy.comparison import wrapped

if TYPE_CHECKING:
    from medconsent.nouns.decisions import Decision
    from medconsent.policies import Policy
    from medconsent.values.purposes import Mode, Purpose
from medconsent_cli.app.shape import Command
from medconsent_cli.commands.policy.subject import as_dataset


@click.command(
    "explain",
    cls=Command,
    help="""What would a policy say to such a request?

    FILE is a policy that is not set yet; where there is no such file, it is a dataset. A table shows what each
    alternative says and why. Nothing is written. The exit code is 0 for permit, 3 for deny, 4 for review.""",
    examples="""
    medconsent policy explain policy.yaml --purpose disease --disease ICD10:C50 --training --mode enclave
    medconsent policy explain hanbit/breast-cancer --purpose health-research --commercial --mode download --days 90
    """,
)
@click.argument("subject", metavar="FILE|DATASET")
@purpose_options
@duration_options(required=False)
@explain_options
@pass_app
@click.pass_context
def explain(
    ctx: click.Context,
    app: App,
    *,
    subject: str,
    purpose: "Purpose",
    mode: "Mode",
    days: int | None,
    duration: int | None,
    institution: str | None,
    researchers: tuple[str, ...],
) -> None:
    """See the help."""
    judged: Policy | str
    version = None
    if is_file(subject):
        judged = read_policy(subject)
    else:
        judged, version = as_dataset(subject, ctx)
    seconds = duration_of(days, duration, required=False)
    with app.asking("asking for a decision") as client:
        require_institution(client, institution)
        decision = client.decisions.explain(
            judged,
            version=version,
            purpose=purpose,
            mode=mode,
            duration=seconds,
            institution=institution,
            researchers=researchers or None,
        )
    if not app.json:
        _choices(decision)
    tell(app, ctx, decision)


def _choices(decision: "Decision") -> None:
    """A row a reason, its sentence over as many lines as it takes."""
    rows: list[list[object]] = []
    for choice in decision.alternatives:
        says: object = choice.decision
        for reason in choice.reasons:
            for number, part in enumerate(wrapped(reason.message)):
                first = number == 0
                rows.append([reason.clause if first else "", says if first else "", reason.code if first else "", part])
            says = ""
    output.table(["clause", "says", "reason", "why"], rows)
    output.line()
