"""`medconsent grant`: what was approved, until when, and taking it back."""

from typing import TYPE_CHECKING

import click

from medconsent_cli import _output, _shape
from medconsent_cli._app import App, pass_app
from medconsent_cli._lists import show_list
from medconsent_cli._render import actors, record_lines, show_written, when
from medconsent_cli._values import GRANT_STATES, Word, list_options

if TYPE_CHECKING:
    from medconsent.grants import Grant
    from medconsent.records import ForgedRecord

grant = _shape.group(
    "grant",
    help="What was approved, until when; revoking it.",
    examples="""
    medconsent grant list --holder nuri/kim
    medconsent grant revoke 9b1d40 --reason "consent withdrawn"
    """,
)


@grant.command(
    "list",
    help="List grants, newest first.",
    examples="""
    medconsent grant list
    medconsent grant list --dataset hanbit/breast-cancer --state active
    """,
)
@click.option("--owner", metavar="INSTITUTION", help="On datasets of this institution.")
@click.option("--holder", metavar="WHO", help="Held by this institution (nuri) or person (nuri/kim).")
@click.option("--dataset", metavar="DATASET", help="On this dataset.")
@click.option("--state", type=Word(*GRANT_STATES), metavar="STATE", help=f"One of {', '.join(GRANT_STATES)}.")
@list_options
@pass_app
def list_(
    app: App, *, owner: str | None, holder: str | None, dataset: str | None, state: str | None, limit: int
) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the grants") as client:
        show_list(
            app,
            client.grants.iterate(owner=owner, holder=holder, dataset=dataset, state=state, on_forged=forged.append),
            limit=limit,
            forged=forged,
            headers=["grant", "state", "dataset", "held by", "purpose", "mode", "until"],
            row=lambda it: [
                _output.short(it.id),
                it.state,
                f"{it.grant.dataset}@{it.grant.version}",
                actors(it.grant.institution, it.grant.grantees),
                it.grant.purpose,
                it.grant.mode,
                when(it.grant.until),
            ],
        )


@grant.command(
    "show",
    help="Show a grant with what it rests on.",
    examples="""
    medconsent grant show 9b1d40
    """,
)
@click.argument("grant", metavar="ID")
@pass_app
def show(app: App, *, grant: str) -> None:
    """See the help."""
    with app.asking("reading the grant") as client:
        found = client.grants.get(grant)
    app.show(found.to_json(), lambda: _fields(found.grant, found.state))


@grant.command(
    "revoke",
    help="""Take back a grant (role: steward or privacy).

    The dataset must be one's own institution's. It acts with its block, at every peer that holds that; no other
    institution can hold it back.""",
    examples="""
    medconsent grant revoke 9b1d40 --reason "consent withdrawn"
    """,
)
@click.argument("grant", metavar="ID")
@click.option("--reason", required=True, metavar="TEXT", help="Why; public.")
@pass_app
def revoke(app: App, *, grant: str, reason: str) -> None:
    """See the help."""
    with app.changing("revoking the grant") as client:
        written = client.grants.revoke(grant, reason)
    show_written(app, written, lambda: _fields(written.answer, written.answer.status))


def _fields(found: "Grant", state: str) -> None:
    _output.fields(
        [
            ("grant", found.id),
            ("state", _output.Styled(_output.word(state))),
            ("dataset", f"{found.dataset}@{found.version}"),
            ("held by", actors(found.institution, found.grantees)),
            ("purpose", found.purpose),
            ("mode", found.mode),
            ("from", when(found.from_)),
            ("until", when(found.until)),
            ("obligations", ", ".join(found.obligations)),
            ("request", found.request),
            ("votes", [_output.brief(f"{vote.key} {vote.digest}") for vote in found.votes]),
            *((change.action, f"{when(change.at)} by {change.by}: {change.note}") for change in found.changes[1:]),
            *record_lines(found),
        ]
    )
