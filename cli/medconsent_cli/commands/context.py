"""`medconsent context`: the identities that this machine holds, and which one acts."""

from typing import TYPE_CHECKING, Any

import click

from medconsent_cli.app import output, shape
from medconsent_cli.app.contexts import complete, context_options, describe, show_made
from medconsent_cli.app.render import confirm
from medconsent_cli.app.state import App, pass_app

if TYPE_CHECKING:
    from medconsent.contexts import Context
    from medconsent.errors import ContextError

context = shape.group(
    "context",
    help="Identities on this machine, and which of them acts.",
    examples="""
    medconsent context list
    medconsent context use hanbit/steward
    """,
)


def _lines(found: "Context") -> list[tuple[str, object]]:
    shown = describe(found)
    return [
        ("context", shown["name"]),
        ("acts as", f"{found.institution}/{found.enrollment_id}"),
        ("roles", ", ".join(shown["roles"]) or "none"),
        ("peer", found.endpoint),
        ("CA", found.ca_url),
        ("channel", f"{found.channel}, chaincode {found.chaincode}"),
        ("certificate until", shown["certificate_expires"]),
        ("folder", shown["folder"]),
    ]


@context.command(
    "add",
    help="""Make a context of an identity that is on disk.

    FOLDER has the certificate and its private key, as a program for Fabric left them: an MSP folder, an entry of a
    wallet, or a folder of hfc, Fabric's old Python SDK. The certificate must be from the CA that the profile names.""",
    examples="""
    medconsent context add hanbit/registrar --profile hanbit/connection.json --msp hanbit/users/registrar
    medconsent context add nuri/kim --profile nuri/connection.json --msp ~/wallet/kim
    """,
)
@click.argument("name", metavar="INSTITUTION/NAME")
@context_options
@click.option(
    "--msp",
    required=True,
    type=click.Path(exists=True, file_okay=False),
    metavar="FOLDER",
    help="Where certificate and private key are; both are copied, the key with mode 0600.",
)
@pass_app
def add(app: App, *, name: str, profile: str, organization: str | None, msp: str, replace: bool) -> None:
    """See the help."""
    from medconsent.contexts import Contexts, read_profile  # noqa: PLC0415

    found = read_profile(profile, organization)
    institution, _slash, own_name = name.partition("/")
    if institution != found.msp_id or not own_name:
        raise click.UsageError(f"{name!r}: a context of this profile is called {found.msp_id}/NAME.")
    show_made(app, Contexts().add(found, msp, name=own_name, replace=replace))


@context.command(
    "list",
    help="""List the contexts; the current one is marked.

    A context that cannot be used is listed too, with the reason.""",
    examples="""
    medconsent context list
    """,
)
@pass_app
def list_(app: App) -> None:
    """See the help."""
    from medconsent.contexts import Contexts  # noqa: PLC0415
    from medconsent.errors import ContextError  # noqa: PLC0415

    contexts = Contexts()
    current = app.context or contexts.current_name()
    broken = dict(contexts.damaged())
    whole = []
    for one in contexts.list():
        try:
            whole.append(describe(one))
        except ContextError as error:
            broken[one.name] = error
    value: dict[str, Any] = {"items": [{**told, "current": told["name"] == current} for told in whole], "more": False}
    if broken:
        value["broken"] = [{"name": name, "message": error.message} for name, error in sorted(broken.items())]
    app.show(value, lambda: _table(whole, broken, current))


def _table(whole: "list[dict[str, Any]]", broken: "dict[str, ContextError]", current: str) -> None:
    rows = [
        [
            told["name"],
            f"{told['institution']}/{told['enrollment_id']}",
            ", ".join(told["roles"]),
            told["endpoint"],
            told["certificate_expires"],
        ]
        for told in whole
    ]
    rows += [[name, "CANNOT BE USED", "", "", ""] for name in broken]
    output.table(
        ["", "context", "acts as", "roles", "peer", "certificate until"],
        [["*" if row[0] == current else "", *row] for row in sorted(rows)],
        empty="no contexts yet: medconsent identity enroll makes one",
    )
    for name, error in sorted(broken.items()):
        click.echo(output.safe(f"{name} cannot be used: {error.message}; {error.hint}".rstrip("; ")), err=True)


@context.command(
    "use",
    help="Make a context the current one.",
    examples="""
    medconsent context use hanbit/steward
    """,
)
@click.argument("name", metavar="INSTITUTION/NAME", shell_complete=complete)
@pass_app
def use(app: App, name: str) -> None:
    """See the help."""
    from medconsent.contexts import Contexts  # noqa: PLC0415

    show_made(app, Contexts().use(name))


@context.command(
    "show",
    help="""Show a context.

    Who it acts as, in which roles, its peer, and when its certificate ends.""",
    examples="""
    medconsent context show
    medconsent context show nuri/kim
    """,
)
@click.argument("name", metavar="[INSTITUTION/NAME]", required=False, shell_complete=complete)
@pass_app
def show(app: App, name: str | None) -> None:
    """See the help."""
    from medconsent.contexts import Contexts  # noqa: PLC0415

    found = Contexts().get(name or app.context)
    app.show(describe(found), lambda: output.fields(_lines(found)))


@context.command(
    "remove",
    help="""Delete a context with its private key.

    The certificate stays valid: only a registrar can revoke it (`identity revoke`).""",
    examples="""
    medconsent context remove nuri/kim
    medconsent context remove nuri/kim --yes
    """,
)
@click.argument("name", metavar="INSTITUTION/NAME", shell_complete=complete)
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@pass_app
def remove(app: App, name: str, yes: bool) -> None:
    """See the help."""
    from medconsent.contexts import Contexts  # noqa: PLC0415

    contexts = Contexts()
    contexts.existing(name)
    confirm(f"Delete the context {name} with its private key?", yes=yes)
    contexts.remove(name)
    app.show({"removed": name}, lambda: output.line(f"removed {name}"))
