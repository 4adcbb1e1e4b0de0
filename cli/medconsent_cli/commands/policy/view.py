"""A policy as people are shown it, and which of its hierarchies are not in force."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output
from medconsent_cli.app.render import record_lines
from medconsent_cli.app.state import App

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medconsent.policies import OntologyRef, Policy, PolicyRecord


def show_set(found: "PolicyRecord") -> None:
    show_yaml(found)
    goes_by(found.ontologies or ())


def goes_by(pinned: "Iterable[OntologyRef]") -> None:
    """The versions of the hierarchies that a policy pins."""
    output.fields([("goes by", [output.brief(f"{it.system} {it.digest}") for it in pinned])])


def show_yaml(found: "PolicyRecord") -> None:
    from medconsent.documents.policies import dump_yaml  # noqa: PLC0415

    output.line(f"# policy {found.id}" + (", which applies to existing grants too" if found.applies else ""))
    for line in dump_yaml(found.policy).splitlines():
        output.line(output.safe(line))


def policy_lines(found: "PolicyRecord") -> None:
    """A policy within what else is shown of a dataset."""
    show_set(found)
    output.fields(record_lines(found))


def warn_unpinned(app: App, judged: "Policy", pinned: "Iterable[OntologyRef]") -> None:
    """Say on stderr of which hierarchies a policy names diseases and no version is in force."""
    from medconsent.policies import unpinned  # noqa: PLC0415

    for system in () if app.json else unpinned(judged, pinned):
        click.echo(
            f"warning: no version of {system} is in force, so what the policy says of its diseases is left to people "
            "(review) where it takes the hierarchy to decide, until one is and the policy is set again: "
            f"medconsent ontology list --system {system}",
            err=True,
        )
