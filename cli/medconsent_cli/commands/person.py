"""`medconsent person`: the keys that stand for an institution's people."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, shape, steps
from medconsent_cli.app.files import read_file
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import list_options
from medconsent_cli.app.persons import member, naming
from medconsent_cli.app.render import ASK_OPTION, ask_first, record_lines, show_written, when
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import COLLEAGUE, PERSON_OF_INSTITUTION, SHA256, Word
from medconsent_cli.app.words import PERSON_STATES

if TYPE_CHECKING:
    from medconsent.nouns.persons import PersonKey
    from medconsent.values.records import ForgedRecord

person = shape.group(
    "person",
    help="""The keys that stand for an institution's people.

    A registrar can make a certificate in anybody's name. So a seat on a committee, and the office of a steward, privacy
    officer or operator, count for one key of a person. First the person announces their key. Then an officer asks them
    for its fingerprint, face to face or by telephone, and admits it.""",
    examples="""
    medconsent person announce
    medconsent person list --institution hanbit --state announced
    """,
)


@person.command(
    "announce",
    help="""Put one's own public key on the ledger.

    It prints the key's fingerprint. Read it to an officer of your institution, face to face or by telephone; they admit
    the key (`person admit`).

    Data is encrypted to a delivery key, which you name by the file with its public half. Read both fingerprints. For
    another delivery key announce your key once more with it; then you admit it yourself.""",
    examples="""
    medconsent person announce
    medconsent person announce --delivery kim.pub
    """,
)
@click.option("--delivery", metavar="FILE", help="The public key (Crypt4GH, or X25519 in PEM) that data is for.")
@pass_app
def announce(app: App, *, delivery: str | None) -> None:
    """See the help."""
    from medconsent.desk.steps import Step  # noqa: PLC0415

    key = _delivery_key(delivery) if delivery else None
    with app.changing("announcing the key") as client:
        written = client.persons.announce(key) if key else client.persons.announce()
    found = written.answer
    more = f" --delivery {found.delivery.sha256}" if found.delivery else ""
    then = Step(
        "an officer",
        f"compares the {'fingerprints' if more else 'fingerprint'} with you and admits it",
        f"person admit {found.person} --key {found.fingerprint}{more}",
    )
    show_written(app, written, lambda: _fields(found), then=then)


@person.command(
    "admit",
    help="""Say that an announced key is a person's.

    For an officer, and never for their own first key. Ask the person for the fingerprint, face to face or by telephone.
    A person who has a key already admits the next one themselves, with the key that they have. If an officer does that
    in their place, a second officer has to confirm it.""",
    examples="""
    medconsent person admit kim --key 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    """,
)
@click.argument("person", type=COLLEAGUE, metavar="ID")
@click.option("--key", required=True, type=SHA256, metavar="SHA256", help="The fingerprint of the key.")
@click.option(
    "--delivery",
    type=SHA256,
    metavar="SHA256",
    help="The fingerprint of the delivery key that was announced with it, if one was.",
)
@pass_app
def admit(app: App, *, person: str, key: str, delivery: str | None) -> None:
    """See the help."""
    from medconsent.desk.steps import Step  # noqa: PLC0415

    with app.changing("admitting the key") as client:
        written = (
            client.persons.admit(person, key, delivery=delivery) if delivery else client.persons.admit(person, key)
        )
    then = Step("a steward", "gives whoever votes a seat for this key", f"committee add ROLE {person}")
    show_written(app, written, lambda: _fields(written.answer), then=then)


@person.command(
    "end",
    help="""Say that a key counts no more (an officer, or the person).

    For a key that was lost or stolen. The seats and offices that count for it are shown first: take them away too, with
    `committee remove` and `institution dismiss`. For another key of the person it takes two officers.""",
    examples="""
    medconsent person end kim --reason "the laptop was lost"
    """,
)
@click.argument("person", type=COLLEAGUE, metavar="ID")
@click.option(
    "--key", type=SHA256, metavar="SHA256", help="The fingerprint of the key; default: the one that was admitted."
)
@click.option("--reason", required=True, metavar="TEXT", help="Why; public.")
@ASK_OPTION
@pass_app
def end(app: App, *, person: str, key: str | None, reason: str, yes: bool) -> None:
    """See the help."""
    from medconsent.desk.endings import key_plan  # noqa: PLC0415

    ask_first(app, lambda client: key_plan(client, person, key, naming()), yes=yes)
    with app.changing("ending the key") as client:
        written = client.persons.end(person, reason=reason, key=key)
    then = steps.step(
        written.answer.person,
        "announces another key, if they stay; for who leaves, a steward takes the seats",
        "identity reenroll --new-key",
    )
    show_written(app, written, lambda: _fields(written.answer), then=then)


@person.command(
    "list",
    help="List the keys of people, with their fingerprints.",
    examples="""
    medconsent person list --institution hanbit
    medconsent person list --institution hanbit --state announced
    """,
)
@click.option("--institution", metavar="INSTITUTION", help="Only this institution's.")
@click.option("--person", type=PERSON_OF_INSTITUTION, metavar="ID", help="Only this person's; needs --institution.")
@click.option("--state", type=Word(*PERSON_STATES), metavar="STATE", help=f"One of {', '.join(PERSON_STATES)}.")
@list_options
@pass_app
def list_(app: App, *, institution: str | None, person: str | None, state: str | None, limit: int) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the keys") as client:
        show_list(
            app,
            client.persons.iterate(institution=institution, person=person, state=state, on_forged=forged.append),
            limit=limit,
            forged=forged,
            headers=["institution", "person", "state", "since", "fingerprint", "delivery key"],
            row=lambda it: [
                it.institution,
                member(it.institution, it.person),
                it.status,
                when(it.updated_at),
                it.fingerprint,
                it.delivery.sha256 if it.delivery else "",
            ],
        )


def _delivery_key(file: str) -> bytes:
    from medconsent.documents.delivery_keys import read_delivery_key  # noqa: PLC0415

    return read_delivery_key(read_file(file), file)


def _fields(found: "PersonKey") -> None:
    output.fields(
        [
            ("person", f"{found.institution}/{found.person}"),
            ("state", found.status),
            ("fingerprint", found.fingerprint),
            ("delivery key", found.delivery.sha256 if found.delivery else None),
            *record_lines(found),
        ]
    )
