"""`medconsent check` and `medconsent explain`: the contract's decisions, with every reason."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from medconsent_cli.app import output
from medconsent_cli.app.exit_codes import OF_DECISION, Exit
from medconsent_cli.app.options import dataset_argument, duration_of, duration_options
from medconsent_cli.app.purpose import purpose_options
from medconsent_cli.app.render import when
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import PERSON, PERSON_OF_INSTITUTION, TIME, DatasetVersion

if TYPE_CHECKING:
    from datetime import datetime

    from medconsent import Client
    from medconsent.nouns.decisions import Decision, StageOutlook
    from medconsent.values.purposes import Mode, Purpose

F = TypeVar("F", bound=Callable[..., Any])


@click.command(
    "check",
    cls=Command,
    help="""May this person use this dataset for that?

    One's own institution's peer is asked. Permit needs a grant that holds now, for that person, purpose and mode,
    and whose evidence (request, policy, votes) holds when it is looked at again. The exit code is 0 for permit, 3
    for deny, 4 for review.""",
    examples="""
    medconsent check hanbit/breast-cancer --for nuri/kim --purpose disease --disease ICD10:C50 --mode download
    medconsent check hanbit/breast-cancer --for nuri/kim --purpose health-research --mode enclave \\
        --at 2027-01-01T00:00:00Z
    """,
)
@dataset_argument
@click.option("--for", "person", required=True, type=PERSON, metavar="PERSON", help="Who, as in nuri/kim.")
@purpose_options
@click.option("--at", type=TIME, metavar="TIME", help="Ask about another moment than now; the answer says so.")
@click.pass_context
@pass_app
def check(
    app: App,
    ctx: click.Context,
    *,
    dataset: DatasetVersion,
    person: str,
    purpose: "Purpose",
    mode: "Mode",
    at: "datetime | None",
) -> None:
    """See the help."""
    with app.asking("asking for a decision") as client:
        decision = client.decisions.check(
            dataset.dataset,
            version=dataset.version,
            for_=person,
            purpose=purpose,
            mode=mode,
            at=at,
        )
        unknown = any(reason.code == "NO_GRANT" for reason in decision.reasons)
        guess = _whom(client, person) if unknown and not app.json else ""
    tell(app, ctx, decision, guess)


def explain_options(function: F) -> F:
    """Options that say who would ask."""
    for decorate in (
        click.option(
            "--researcher",
            "researchers",
            multiple=True,
            type=PERSON_OF_INSTITUTION,
            metavar="ID",
            help="As if this person used the data, and nobody who is not named; may be repeated. Default: oneself.",
        ),
        click.option("--institution", metavar="INSTITUTION", help="As if this institution asked. Default: one's own."),
    ):
        function = decorate(function)
    return function


@click.command(
    "explain",
    cls=Command,
    help="""What would the policy say to such a request?

    And who would have to agree? Nothing is written. The exit code is 0 for permit, 3 for deny, 4 for review.""",
    examples="""
    medconsent explain hanbit/breast-cancer --purpose disease --disease ICD10:C50 --mode download --days 90
    medconsent explain hanbit/breast-cancer --purpose general-research --mode enclave --institution saerom
    """,
)
@dataset_argument
@purpose_options
@duration_options(required=False)
@explain_options
@click.pass_context
@pass_app
def explain(
    app: App,
    ctx: click.Context,
    *,
    dataset: DatasetVersion,
    purpose: "Purpose",
    mode: "Mode",
    days: int | None,
    duration: int | None,
    institution: str | None,
    researchers: tuple[str, ...],
) -> None:
    """See the help."""
    seconds = duration_of(days, duration, required=False)
    with app.asking("asking for a decision") as client:
        require_institution(client, institution)
        decision = client.decisions.explain(
            dataset.dataset,
            version=dataset.version,
            purpose=purpose,
            mode=mode,
            duration=seconds,
            institution=institution,
            researchers=researchers or None,
        )
    tell(app, ctx, decision)


def require_institution(client: "Client", named: str | None) -> None:
    """See that the institution that would ask is there: of one that is not, a policy may well permit everything.

    Args:
        client: Whose peer is asked.
        named: The institution that was named; None for one's own.

    Raises:
        NotFound: There is no such institution.
    """
    if named and named != client.institution:
        client.institutions.get(named)


def _whom(client: "Client", person: str) -> str:
    from medconsent_cli.app import suggestions  # noqa: PLC0415

    guess = suggestions.person(client, person)
    return f"no key of {person} stands on the ledger: {guess}" if guess else ""


def tell(app: App, ctx: click.Context, decision: "Decision", guess: str = "") -> None:
    """Show a decision and end with its exit code.

    Args:
        app: The settings of this run.
        ctx: The command that ends.
        decision: The contract's answer.
        guess: What somebody may have meant who mistyped a name; empty for nothing.
    """

    def people() -> None:
        verdict = output.strong(output.word(decision.decision))
        output.line(f"{verdict} at {when(decision.at)}")
        for reason in sorted(decision.reasons, key=lambda it: _rank(decision.decision, it.code)):
            clause = f" [{reason.clause}]" if reason.clause else ""
            output.line(output.safe(output.brief(f"  - {reason.code}: {reason.message}{clause}")))
        output.fields(
            [
                ("grant", decision.grant),
                ("ledger", f"as of {when(decision.as_of)}" if decision.as_of else None),
                ("only claimed", ", ".join(decision.claimed)),
                (
                    "needs",
                    "nobody: approved at once" if decision.automatic else [_stage(stage) for stage in decision.stages],
                ),
                ("obligations", ", ".join(decision.obligations)),
                ("decided from", [output.brief(f"{it.type} {it.id} {it.digest}") for it in decision.evaluated]),
            ]
        )

    app.show(decision.to_json(), people)
    if guess:
        click.echo(output.safe(guess), err=True)
    # A word that this version does not know is not a permit.
    ctx.exit(OF_DECISION.get(decision.decision, Exit.FAULT))


def _stage(stage: "StageOutlook") -> str:
    told = f"{stage.institution}/{stage.role}: {stage.threshold} ({stage.seated} seated)"
    told += f", by {stage.rule}" if stage.rule else ""
    told += f", in step {stage.step}" if stage.step > 1 else ""
    return told + (", with the ethics board's approval" if stage.attests else "")


def _rank(decision: str, code: str) -> int:
    """0 for a reason that speaks for this decision, 1 for any other: what decided is read first."""
    if code.endswith("_NEEDS_REVIEW") or code == "CLAIMED_ONLY":
        speaks_for = "review"
    elif code in {"USE_PERMITTED", "GRANTED", "ASKED_ABOUT"}:
        speaks_for = "permit"
    else:
        speaks_for = "deny"
    return 0 if speaks_for == decision else 1
