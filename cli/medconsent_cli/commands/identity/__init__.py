"""`medconsent identity`: people and their certificates, at one's own institution's CA."""

import sys
from pathlib import Path
from typing import Any

import click

from medconsent_cli.app import output, shape
from medconsent_cli.app.contexts import context_options, show_made
from medconsent_cli.app.persons import member
from medconsent_cli.app.secrets import SecretFile, read_secret, secret_option
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import ENROLLMENT_ID, Word
from medconsent_cli.app.words import ROLES
from medconsent_cli.commands.identity import names

identity = shape.group(
    "identity",
    help="People and their certificates, at one's own CA.",
    examples="""
    medconsent identity register kim --role researcher --secret-out kim.secret
    medconsent identity enroll kim --profile nuri/connection.json --secret-file kim.secret
    """,
)


@identity.command(
    "enroll",
    help="""Trade a one-time secret for a certificate.

    It becomes a context. The private key is made here and never leaves this machine. The first context becomes the
    current one.""",
    examples="""
    medconsent identity enroll kim --profile nuri/connection.json
    medconsent identity enroll kim --profile nuri/connection.json --secret-file kim.secret --use
    """,
)
@click.argument("enrollment_id", metavar="ID")
@context_options
@secret_option("The one-time secret from the registrar.")
@click.option("--name", metavar="NAME", help="Call the context INSTITUTION/NAME. Default: the enrolment id.")
@click.option("--use", is_flag=True, help="Make it the current context.")
@pass_app
def enroll(
    app: App, *, enrollment_id: str, profile: str, name: str | None, replace: bool, secret_file: str | None, use: bool
) -> None:
    """See the help."""
    from medconsent.contexts import Contexts  # noqa: PLC0415

    secret = read_secret(secret_file, f"One-time secret of {enrollment_id}")
    contexts = Contexts()
    with app.working("asking the CA for a certificate"):
        made = contexts.enroll(profile, enrollment_id, secret, name=name, replace=replace)
    if use:
        contexts.use(made.name)
    show_made(app, made)


@identity.command(
    "reenroll",
    help="Renew the context's certificate, with a new key.",
    examples="""
    medconsent identity reenroll
    medconsent identity reenroll --context nuri/kim
    """,
)
@pass_app
def reenroll(app: App) -> None:
    """See the help."""
    from medconsent.contexts import Contexts  # noqa: PLC0415

    with app.working("asking the CA for a certificate"):
        made = Contexts().reenroll(app.context)
    show_made(app, made)


@identity.command(
    "register",
    help="""Make a person known to one's own CA, with roles.

    The certificates of that person will carry the roles. The context must be that of a registrar. The one-time
    secret goes to a new file of mode 0600, or is shown once on the terminal. A voting role alone gives no vote: the
    person also needs a seat (`medconsent committee set`). Every institution can read the ID: take a pseudonym.""",
    examples="""
    medconsent identity register kim --role researcher --secret-out kim.secret
    medconsent identity register lee --role dac --role researcher --context hanbit/registrar
    """,
)
@click.argument("enrollment_id", type=ENROLLMENT_ID, metavar="ID")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=Word(*ROLES),
    metavar="ROLE",
    help=f"One of {', '.join(ROLES)}; may be repeated.",
)
@click.option(
    "--secret-out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the one-time secret to this new file, mode 0600.",
)
@click.option(
    "--enrollments",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="How often the secret can be used.",
)
@pass_app
def register(
    app: App, *, enrollment_id: str, roles: tuple[str, ...], secret_out: Path | None, enrollments: int
) -> None:
    """See the help."""
    if secret_out is None and (app.json or not sys.stdout.isatty()):
        raise click.UsageError("the one-time secret is shown on a terminal only: give --secret-out FILE.")
    from medconsent.contexts import Contexts  # noqa: PLC0415

    registrar = Contexts().get(app.context)
    for_attributes = {"medconsent.roles": ",".join(roles)} if roles else {}
    # The file is made first: a secret that cannot be kept would be lost, and the person registered all the same.
    with SecretFile(secret_out) as file, registrar.ca() as ca, app.working("asking the CA to register"):
        secret = ca.register(
            registrar.registrar(), enrollment_id, attributes=for_attributes, max_enrollments=enrollments
        )
        file.write(secret)
    who = f"{registrar.institution}/{enrollment_id}"
    told: dict[str, Any] = {"registered": who, "roles": list(roles), "enrollments": enrollments}
    if secret_out is not None:
        told["secret_file"] = str(secret_out)

    def people() -> None:
        output.fields(
            [
                ("registered", who),
                ("roles", ", ".join(roles) or "none"),
                ("secret in" if secret_out else "one-time secret", str(secret_out) if secret_out else secret),
            ]
        )

    app.show(told, people)


@identity.command(
    "list",
    help="""List the identities that one's own CA knows.

    The context must be that of a registrar.""",
    examples="""
    medconsent identity list --context hanbit/registrar
    """,
)
@pass_app
def list_(app: App) -> None:
    """See the help."""
    from medconsent.contexts import Contexts  # noqa: PLC0415

    registrar = Contexts().get(app.context)
    with registrar.ca() as ca, app.working("asking the CA"):
        found = ca.identities(registrar.registrar())
    items: list[dict[str, Any]] = [
        {
            "id": one.enrollment_id,
            "type": one.type,
            "roles": [role for role in one.attributes.get("medconsent.roles", "").split(",") if role],
            "max_enrollments": one.max_enrollments,
        }
        for one in found
    ]
    app.show(
        {"items": items, "more": False},
        lambda: output.table(
            ["id", "type", "roles", "enrolments"],
            [
                [
                    member(registrar.institution, one["id"]),
                    one["type"],
                    ", ".join(one["roles"]),
                    _most(one["max_enrollments"]),
                ]
                for one in items
            ],
        ),
    )


identity.add_command(names.names)


def _most(enrollments: int) -> str:
    return "any" if enrollments < 0 else str(enrollments)
