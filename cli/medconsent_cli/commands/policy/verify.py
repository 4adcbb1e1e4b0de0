"""`medconsent policy verify`: are the linked documents what the policy means?"""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output
from medconsent_cli.app.exit_codes import Exit
from medconsent_cli.app.files import is_file, read_policy
from medconsent_cli.app.state import App, pass_app

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medconsent.documents.links import LinkCheck
from medconsent_cli.app.shape import Command
from medconsent_cli.commands.policy.subject import as_dataset


@click.command(
    "verify",
    cls=Command,
    help="""Fetch a policy's terms and attachments, and compare.

    Each is bound by the hash of its bytes: what was accepted stays what it was, and a page that changes behind its link
    is told here. FILE is a policy that is not set yet; where there is no such file, it is a dataset, and @VERSION a
    version of its policy. The links lead where their author wrote; no credentials are sent. The exit code is 8 when
    something changed, 6 when something could not be fetched.""",
    examples="""
    medconsent policy verify hanbit/breast-cancer
    medconsent policy verify policy.yaml
    """,
)
@click.argument("subject", metavar="FILE|DATASET[@VERSION]")
@pass_app
@click.pass_context
def verify(ctx: click.Context, app: App, subject: str) -> None:
    """See the help."""
    from medconsent.documents.links import check_link, documents_of  # noqa: PLC0415

    if is_file(subject):
        judged = read_policy(subject)
    else:
        dataset, version = as_dataset(subject, ctx)
        with app.asking("reading the policy") as client:
            judged = client.policies.get(dataset, version).policy
    with app.working("fetching the documents"):
        found = [check_link(document) for document in documents_of(judged)]
    app.show({"documents": [it.to_json() for it in found]}, lambda: _links(found))
    states = {it.state for it in found}
    ctx.exit(Exit.DIFFERS if "changed" in states else Exit.UNREACHABLE if "unreachable" in states else Exit.DONE)


def _links(found: "Sequence[LinkCheck]") -> None:
    if not found:
        output.line("the policy names no documents")
    for it in found:
        output.line(f"{output.word(it.state)}: {output.safe(it.document.title)}, {output.safe(it.document.url)}")
        if it.state == "changed":
            output.line(f"  the policy means {it.document.sha256}")
            output.line(f"  what stands there has {it.found}")
        elif it.why:
            output.line(f"  {it.why}")
