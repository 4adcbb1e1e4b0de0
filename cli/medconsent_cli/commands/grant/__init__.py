"""`medconsent grant`: what was approved, until when, and how it ends."""

from typing import TYPE_CHECKING, Any

import click

from medconsent_cli.app import output, shape, steps
from medconsent_cli.app.lists import show_list, warn_forged
from medconsent_cli.app.options import list_options
from medconsent_cli.app.persons import naming
from medconsent_cli.app.render import ASK_OPTION, ask_first, confirm, show_next, show_written, written_json
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import GRANT, Word
from medconsent_cli.app.words import GRANT_STATES
from medconsent_cli.commands import receipt
from medconsent_cli.commands.grant import acts
from medconsent_cli.commands.grant.view import HEADERS, row, show_grant, show_others

if TYPE_CHECKING:
    from medconsent import Client
    from medconsent.desk.steps import Step
    from medconsent.values.grants import OtherGrant
    from medconsent.values.records import ForgedRecord

_RELEASES = 10
"""So many receipts are shown beside a grant."""

grant = shape.group(
    "grant",
    help="What was approved, until when; ending it.",
    examples="""
    medconsent grant list --holder nuri/kim
    medconsent grant revoke 9b1d40 --reason "consent withdrawn"
    """,
)


@grant.command(
    "list",
    help="""List grants, newest first; those of a person by dataset.

    What was opened in an emergency, without an approval, is marked BREAK-GLASS.""",
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
            headers=HEADERS,
            row=lambda it: row(it.grant, it.state),
        )


@grant.command(
    "show",
    help="""Show a grant, what it rests on, and whom to ask for the data.

    The newest receipts of what left under it stand below; `receipt list --grant` has all of them.""",
    examples="""
    medconsent grant show 9b1d40
    """,
)
@click.argument("grant", type=GRANT, metavar="ID")
@pass_app
def show(app: App, *, grant: str) -> None:
    """See the help."""
    from medconsent.desk.datasets import where_the_data_is  # noqa: PLC0415

    with app.asking("reading the grant") as client:
        found = client.grants.get(grant)
        released = client.receipts.list(grant=found.id, page_size=_RELEASES)
        whereabouts = () if app.json else where_the_data_is(client, found.grant)

    def people() -> None:
        show_grant(found.grant, found.state, found.why)
        output.fields((one.label, list(one.says)) for one in whereabouts)
        if released.items:
            output.line()
            output.line(output.strong("What left under it" + (", newest first" if released.bookmark else "")))
            output.table(receipt.HEADERS, [receipt.row(one) for one in released.items])
        warn_forged(released.forged)

    app.show({**found.to_json(), "receipts": [{"id": one.id, **one.to_json()} for one in released.items]}, people)


@grant.command(
    "others",
    help="""What else gives the same people the same data.

    The other grants that have not ended, of any version of the dataset, and which of the people each gives it to.""",
    examples="""
    medconsent grant others 9b1d40
    """,
)
@click.argument("grant", type=GRANT, metavar="ID")
@list_options
@pass_app
def others(app: App, *, grant: str, limit: int) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the other grants") as client:
        show_list(
            app,
            client.grants.iterate_others(grant, on_forged=forged.append),
            limit=limit,
            forged=forged,
            headers=[*HEADERS, "shared people"],
            row=lambda it: [*row(it.grant, it.state), ", ".join(it.people)],
        )


@grant.command(
    "revoke",
    help="""Take back a grant (role: steward or privacy).

    The dataset must be one's own institution's. It is shown first. It acts at every institution as soon as its peer
    has the block, and no other institution can hold it back. What still gives the same people the same data is told
    afterwards; with --all it is shown first, and ended too.""",
    examples="""
    medconsent grant revoke 9b1d40 --reason "consent withdrawn"
    medconsent grant revoke 9b1d40 --reason "consent withdrawn" --all --yes
    """,
)
@click.argument("grant", type=GRANT, metavar="ID")
@click.option("--reason", required=True, metavar="TEXT", help="Why; public.")
@click.option("--all", "all_", is_flag=True, help="End what else gives one of these people the same data, too.")
@ASK_OPTION
@pass_app
def revoke(app: App, *, grant: str, reason: str, all_: bool, yes: bool) -> None:
    """See the help."""
    if all_:
        _revoke_all(app, grant, reason, yes=yes)
        return
    from medconsent.desk.endings import grant_plan  # noqa: PLC0415

    ask_first(app, lambda client: grant_plan(client, grant, naming()), yes=yes)
    with app.changing("revoking the grant") as client:
        written = client.grants.revoke(grant, reason)
        left, unread = _left(app, client, written.answer.id)

    def people() -> None:
        show_grant(written.answer, written.answer.status)
        show_others(left, "still given to the same people (--all ends these too):")

    then = _then(written.answer.dataset, written.answer.id, left)
    show_written(app, written, people, {**written_json(written), **_others_json(left, unread)}, then=then)


def _then(dataset: str, grant: str, left: "list[OtherGrant]") -> "Step":
    """What is left to do when a grant was taken back: what else gives the same, or nothing but to ask anew."""
    if left:
        who = "a steward or a privacy officer"
        return steps.step(
            who, "ends what else gives the same", f"grant revoke {output.short(grant)} --reason TEXT --all"
        )
    return steps.anew(dataset)


def _left(app: App, client: "Client", grant: str) -> "tuple[list[OtherGrant], str]":
    """What still gives the same, after a revocation.

    Returns:
        The other grants, and why they could not be read where they could not: the revocation is done all the same.
    """
    from medconsent.errors import MedconsentError  # noqa: PLC0415

    app.change = None  # this only reads
    try:
        return list(client.grants.iterate_others(grant)), ""
    except MedconsentError as error:
        if not app.json:
            click.echo(output.safe(f"revoked; what else gives the same could not be read: {error.message}"), err=True)
        return [], error.message


def _others_json(left: "list[OtherGrant]", unread: str) -> dict[str, Any]:
    return {"others_unread": unread} if unread else {"others": [other.to_json() for other in left]}


def _revoke_all(app: App, grant: str, reason: str, *, yes: bool) -> None:
    with app.asking("reading the other grants") as client:
        found = client.grants.get(grant)
        others: list[OtherGrant] = list(client.grants.iterate_others(found.id))
    if not app.json:
        show_grant(found.grant, found.state, found.why)
        show_others(others, "also given to the same people:")
    confirm(f"End {'these' if others else 'this'}?", yes=yes)
    with app.changing("revoking the grants") as client:
        ended = client.grants.revoke_all(found.id, reason)
        left, unread = _left(app, client, found.id)

    def people() -> None:
        for done in ended:
            which = ", ".join(output.short(one) for one in done.grants)
            output.line(f"revoked {which}")
            output.line(f"committed in block {done.block}, transaction {done.transaction_id}")
        show_others(left, "still given to the same people:")
        show_next(_then(found.grant.dataset, found.id, left))

    app.show({"grant": found.id, "ended": [done.to_json() for done in ended], **_others_json(left, unread)}, people)


for _command in acts.COMMANDS:
    grant.add_command(_command)
