"""`medconsent identity`: people and their certificates, at one's own institution's CA."""

import click

from medconsent_cli._secrets import read_secret, secret_option
from medconsent_cli.app import shape, steps
from medconsent_cli.app.contexts import context_options, roles_of, show_made
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.commands.identity import names, registrar

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
    help="""Get a certificate, with a one-time secret from the registrar.

    Key and certificate become a context. The private key is made here and never leaves this machine. The first
    context becomes the current one.""",
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
    app: App,
    *,
    enrollment_id: str,
    profile: str,
    organization: str | None,
    name: str | None,
    replace: bool,
    secret_file: str | None,
    use: bool,
) -> None:
    """See the help."""
    from medconsent.contexts import Contexts, read_profile  # noqa: PLC0415

    chosen = read_profile(profile, organization)
    secret = read_secret(secret_file, f"One-time secret of {enrollment_id}")
    contexts = Contexts()
    with app.working("asking the CA for a certificate"):
        made = contexts.enroll(chosen, enrollment_id, secret, name=name, replace=replace)
    if use:
        contexts.use(made.name)
    show_made(app, made, steps.of_identity(made.name, roles_of(made)))


@identity.command(
    "reenroll",
    help="""Renew the context's certificate, for the same key.

    A seat and an office count for a key, so keep it where you can. A new key (--new-key) has to be announced and
    admitted like the first one (`person announce`).""",
    examples="""
    medconsent identity reenroll
    medconsent identity reenroll --context nuri/kim
    """,
)
@click.option("--new-key", is_flag=True, help="Make a new key.")
@pass_app
def reenroll(app: App, *, new_key: bool) -> None:
    """See the help."""
    from medconsent.contexts import Contexts  # noqa: PLC0415

    with app.working("asking the CA for a certificate"):
        made = Contexts().reenroll(app.context, new_key=new_key)
    then = steps.of_identity(made.name, roles_of(made)) if new_key else steps.nothing("context show")
    show_made(app, made, then)


for command in (registrar.register, registrar.list_, registrar.roles_, registrar.secret_, registrar.revoke):
    identity.add_command(command)
identity.add_command(names.names)
