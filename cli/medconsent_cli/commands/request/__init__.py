"""`medconsent request`: ask for data, see what a request waits for, and decide on it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, private_texts, shape
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import dataset_argument, duration_of, duration_options, list_options
from medconsent_cli.app.purpose import optional_purpose_options, purpose_options
from medconsent_cli.app.render import committed, show_written, written_json
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import ENROLLMENT_ID, SHA256, WAITS_FOR, DatasetVersion, Word
from medconsent_cli.app.words import REQUEST_STATES
from medconsent_cli.commands.request import draft, remarks, votes
from medconsent_cli.commands.request.inbox import show_inbox
from medconsent_cli.commands.request.view import HEADERS, judged, row, show_request, standing, summary
from medconsent_cli.commands.text import purge_all

if TYPE_CHECKING:
    from medconsent.values.purposes import Purpose
    from medconsent.values.records import ForgedRecord

request = shape.group(
    "request",
    help="Ask for data; approve or reject what others ask.",
    examples="""
    medconsent request list --waiting-for me
    medconsent request show 5f0c2a
    """,
)


@request.command(
    "submit",
    help="""Ask for a dataset (role: researcher).

    The request is bound to the version of the dataset and of its policy that stand now. What is written as
    --project can be read by every institution. What is not stated is not done, or not narrowed; what the policy asks
    for is in docs/use-conditions.md, and `medconsent explain` says what it would answer. A policy that approves
    automatically grants at once what it permits without review.""",
    examples="""
    medconsent request submit hanbit/breast-cancer --purpose disease --disease ICD10:C50 --mode download --days 90 \\
        --project "Which measurements tell tumours apart?"
    medconsent request submit hanbit/ct --purpose health-research --training --organisation non-profit --country KR \\
        --ethics-board "IRB of Nuri" --ethics-number 2026-11 --ethics-until 2027-11-01T00:00:00Z \\
        --ethics-hash 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 \\
        --mode enclave --days 90 --project "A model of lung nodules"
    medconsent request submit hanbit/breast-cancer --purpose disease --disease ICD10:C50 --mode download --days 90 \\
        --project "Which measurements tell tumours apart?" --renews 7c01be
    """,
)
@dataset_argument
@purpose_options
@duration_options(required=True)
@click.option("--project", required=True, metavar="TEXT", help="What for, in up to 500 characters; public.")
@click.option(
    "--researcher",
    "researchers",
    multiple=True,
    metavar="ID",
    help="An enrolment id of one's own institution; may be repeated. Default: oneself.",
)
@click.option(
    "--accept-terms",
    type=SHA256,
    metavar="FILE|SHA256",
    help="The policy's terms as one has read them, where it has some, or their hash.",
)
@click.option("--renews", metavar="GRANT", help="Go on from this grant of one's own institution when it ends.")
@click.option("--joins", metavar="GRANT", help="Add the researchers to this grant of one's own institution.")
@private_texts.text_options
@pass_app
def submit(
    app: App,
    *,
    dataset: DatasetVersion,
    purpose: "Purpose",
    mode: str,
    days: int | None,
    duration: int | None,
    project: str,
    researchers: tuple[str, ...],
    accept_terms: str | None,
    renews: str | None,
    joins: str | None,
    description: Path | None,
    ethics_letter: Path | None,
) -> None:
    """See the help."""
    private = private_texts.read({"description": description, "ethics-letter": ethics_letter})
    if renews and joins:
        raise click.UsageError("a request renews a grant or joins one, not both.")
    seconds = duration_of(days, duration, required=True)
    assert seconds is not None  # noqa: S101  (required)
    with app.changing("submitting the request") as client:
        written = client.requests.submit(
            dataset.dataset,
            version=dataset.version,
            purpose=purpose,
            mode=mode,
            duration=seconds,
            project=project,
            researchers=researchers or None,
            accepted_terms=accept_terms,
            renews=renews,
            joins=joins,
            texts=private_texts.references(private),
        )
        kept = private_texts.send(app, client, written.answer.id, private)
        state = standing(app, client, written.answer.id)

    def people() -> None:
        output.fields(
            [
                ("request", written.answer.id),
                ("state", state),
                *summary(written.answer),
            ]
        )
        committed(written)

    app.show({**written_json(written), **({"texts": kept} if kept else {})}, people)
    private_texts.demand_kept(written.answer.id, kept, written.transaction_id)


@request.command(
    "amend",
    help="""Change one's own request.

    As long as it is not decided; what is not given stays. Votes so far do not count for the changed request, except
    that who declared a conflict of interest stays out. A purpose is stated as a whole. A private text takes the place
    of the one of its kind, which can still be read and purged.""",
    examples="""
    medconsent request amend 5f0c2a --days 60
    medconsent request amend 5f0c2a --purpose disease --disease ICD10:C50 --training --project "A model of tumours"
    medconsent request amend 5f0c2a --description description.txt
    """,
)
@click.argument("request", metavar="ID")
@optional_purpose_options
@duration_options(required=False)
@click.option("--project", metavar="TEXT", help="What for, in up to 500 characters; public.")
@click.option(
    "--researcher",
    "researchers",
    multiple=True,
    metavar="ID",
    help="The researchers from now on, all of them; may be repeated.",
)
@click.option(
    "--accept-terms", type=SHA256, metavar="FILE|SHA256", help="The policy's terms as one has read them, or their hash."
)
@private_texts.text_options
@pass_app
def amend(
    app: App,
    *,
    request: str,
    purpose: "Purpose | None",
    mode: str | None,
    days: int | None,
    duration: int | None,
    project: str | None,
    researchers: tuple[str, ...],
    accept_terms: str | None,
    description: Path | None,
    ethics_letter: Path | None,
) -> None:
    """See the help."""
    private = private_texts.read({"description": description, "ethics-letter": ethics_letter})
    seconds = duration_of(days, duration, required=False)
    if not any((purpose, mode, seconds, project, researchers, accept_terms, private)):
        raise click.UsageError("what is to change? Give at least one option.")
    with app.changing("amending the request") as client:
        written = client.requests.amend(
            request,
            purpose=purpose,
            mode=mode,
            duration=seconds,
            project=project,
            researchers=researchers or None,
            accepted_terms=accept_terms,
            texts=private_texts.references(private),
        )
        kept = private_texts.send(app, client, written.answer.id, private)
    show_written(
        app,
        written,
        lambda: output.fields([("request", written.answer.id), *summary(written.answer)]),
        {**written_json(written), "texts": kept} if kept else None,
    )
    private_texts.demand_kept(written.answer.id, kept, written.transaction_id)


@request.command(
    "list",
    help="""List requests, newest first.

    --waiting-for COMMITTEE is that committee's inbox, --waiting-for me one's own: first of all break-glass to confirm
    or to justify, votes to give, also as somebody's deputy, requests of one's own that were returned, terms to accept,
    and questions to answer.""",
    examples="""
    medconsent request list --state in-review
    medconsent request list --waiting-for me
    medconsent request list --waiting-for hanbit/dac --member lee
    medconsent request list --requester nuri --state returned
    """,
)
@click.option("--state", type=Word(*REQUEST_STATES), metavar="STATE", help=f"One of {', '.join(REQUEST_STATES)}.")
@click.option("--owner", metavar="INSTITUTION", help="For datasets of this institution.")
@click.option("--requester", metavar="INSTITUTION", help="By this institution.")
@click.option(
    "--waiting-for",
    type=WAITS_FOR,
    metavar="me|COMMITTEE",
    help="That wait for this committee, as in hanbit/dac, or for oneself.",
)
@click.option("--member", type=ENROLLMENT_ID, metavar="ID", help="With --waiting-for COMMITTEE: only for this member.")
@list_options
@pass_app
def list_(
    app: App,
    *,
    state: str | None,
    owner: str | None,
    requester: str | None,
    waiting_for: str | None,
    member: str | None,
    limit: int,
) -> None:
    """See the help."""
    if waiting_for == "me":
        if any((state, owner, requester, member)):
            raise click.UsageError("--waiting-for me is a list of its own: leave the other filters out.")
        show_inbox(app, limit)
        return
    if member and not waiting_for:
        raise click.UsageError("--member goes with --waiting-for COMMITTEE.")
    forged: list[ForgedRecord] = []
    with app.asking("reading the requests") as client:
        show_list(
            app,
            client.requests.iterate(
                state=state,
                owner=owner,
                requester=requester,
                waiting_for=waiting_for,
                waiting_person=member,
                on_forged=forged.append,
            ),
            limit=limit,
            forged=forged,
            headers=HEADERS,
            row=row,
        )


@request.command(
    "show",
    help="""Show a request and whom it waits for.

    With its state, the votes, and the digests that a vote names; of one that is not decided also what the rules leave
    to people to judge, and what only the requester vouches for.""",
    examples="""
    medconsent request show 5f0c2a
    medconsent request show 5f0c2a --wait-block 42
    """,
)
@click.argument("request", metavar="ID")
@pass_app
def show(app: App, *, request: str) -> None:
    """See the help."""
    with app.asking("reading the request") as client:
        found = client.requests.get(request)
        decision = None if app.json else judged(client, found)
    app.show(found.to_json(), lambda: show_request(found, decision))


for _command in votes.COMMANDS:
    request.add_command(_command)


@request.command(
    "withdraw",
    help="""Take back one's own request.

    Or one of which one is a researcher; as long as it is not decided.""",
    examples="""
    medconsent request withdraw 5f0c2a --reason "we have found other data"
    """,
)
@click.argument("request", metavar="ID")
@click.option("--reason", metavar="TEXT", help="Why; public.")
@pass_app
def withdraw(app: App, *, request: str, reason: str | None) -> None:
    """See the help."""
    with app.changing("withdrawing the request") as client:
        written = client.requests.withdraw(request, reason=reason)
    show_written(app, written, lambda: output.fields([("request", written.answer.id), ("state", "withdrawn")]))


for _command in remarks.COMMANDS:
    request.add_command(_command)
request.add_command(draft.draft)
request.add_command(purge_all)
