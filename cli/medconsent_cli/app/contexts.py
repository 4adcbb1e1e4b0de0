"""Contexts as several commands name, make and show them."""

from typing import TYPE_CHECKING, Any

import click

from medconsent_cli.app import output
from medconsent_cli.app.render import when
from medconsent_cli.app.state import App

if TYPE_CHECKING:
    from medconsent.contexts import Context
    from medconsent.desk.steps import Step


def names() -> list[str]:
    """The names of all contexts, for completion."""
    from medconsent.contexts import Contexts  # noqa: PLC0415

    contexts = Contexts()
    return sorted([*(found.name for found in contexts.list()), *contexts.damaged()])


def complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The contexts whose names begin with what was typed."""
    return [name for name in names() if name.startswith(incomplete)]


def context_options(function: Any) -> Any:
    """The options of commands that make a context: where the institution is, and what the context is called."""
    for decorate in (
        click.option("--replace", is_flag=True, help="Replace a context of the same name."),
        click.option(
            "--organization",
            metavar="NAME",
            help="Which organization of the profile, by name or MSP id. Default: the one that it names, or has alone.",
        ),
        click.option(
            "--profile",
            required=True,
            type=click.Path(exists=True, dir_okay=False),
            metavar="FILE",
            help="The institution's Fabric connection profile (JSON or YAML), from its operator.",
        ),
    ):
        function = decorate(function)
    return function


def show_made(app: App, found: "Context", then: "Step | None" = None) -> None:
    """What a command that made, renewed or chose a context prints: who it acts as; `context show` has the rest.

    Args:
        app: The settings of this run.
        found: The context.
        then: What comes next, where the CA was asked for something.
    """
    told = describe(found)
    until = f"certificate until {told['certificate_expires']}"
    who = f"{found.institution}/{found.enrollment_id}" + (f" ({', '.join(told['roles'])})" if told["roles"] else "")

    def people() -> None:
        output.fields([("context", found.name), ("acts as", f"{who}, {until}")])
        if then:
            output.line(output.safe(f"next: {then}"))

    app.show(told, people)


def describe(found: "Context") -> dict[str, Any]:
    """A context as JSON; the key itself is never printed."""
    identity, _signer = found.load()
    return {
        "name": found.name,
        "institution": found.institution,
        "enrollment_id": found.enrollment_id,
        "roles": _roles(identity),
        "endpoint": found.endpoint,
        "ca_url": found.ca_url,
        "channel": found.channel,
        "chaincode": found.chaincode,
        "certificate_expires": when(identity.expires),
        "folder": str(found.folder),
    }


def roles_of(found: "Context") -> list[str]:
    """The roles in a context's certificate.

    Raises:
        ContextError: The context cannot be used.
    """
    identity, _signer = found.load()
    return _roles(identity)


def _roles(identity: Any) -> list[str]:
    return [role for role in identity.attributes.get("medconsent.roles", "").split(",") if role]
