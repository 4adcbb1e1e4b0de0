"""`medconsent dataset list`, `show`: what stands on the ledger."""

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import dataset_argument, list_options
from medconsent_cli.app.persons import naming
from medconsent_cli.app.render import show_next, size
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import KEYWORD, Cased, DatasetVersion
from medconsent_cli.app.words import DATA_KINDS
from medconsent_cli.commands.policy.view import policy_lines

if TYPE_CHECKING:
    from medconsent.desk.datasets import DatasetStatus
    from medconsent.nouns.datasets import DatasetView
    from medconsent.values.records import ForgedRecord
from medconsent_cli.app.shape import Command
from medconsent_cli.commands.dataset.view import USAGE, version_fields


@click.command(
    "list",
    cls=Command,
    help="List datasets.",
    examples="""
    medconsent dataset list
    medconsent dataset list --keyword oncology --kind tabular
    """,
)
@click.option("--owner", metavar="INSTITUTION", help="Of this institution.")
@click.option("--keyword", type=KEYWORD, metavar="WORD", help="With this keyword.")
@click.option("--kind", type=Cased(*DATA_KINDS), metavar="KIND", help="With data of this kind, as in tabular, MR, CT.")
@list_options
@pass_app
def list_(app: App, *, owner: str | None, keyword: str | None, kind: str | None, limit: int) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the datasets") as client:
        show_list(
            app,
            client.datasets.iterate(owner=owner, keyword=keyword, kind=kind, on_forged=forged.append),
            limit=limit,
            forged=forged,
            headers=["dataset", "version", "title", "kinds", "records", "files", "size", "use"],
            row=lambda it: [
                it.id,
                it.version.version,
                it.version.title,
                ", ".join(it.version.kinds),
                "" if it.version.records is None else str(it.version.records),
                it.version.content.files,
                size(it.version.content.bytes),
                " or ".join(" ".join([use.permission, *use.diseases]) for use in it.policy.policy.use),
            ],
        )


@click.command(
    "show",
    cls=Command,
    help="Show a dataset, its policy, and where it stands.",
    examples="""
    medconsent dataset show hanbit/breast-cancer
    medconsent dataset show hanbit/breast-cancer@1
    """,
)
@dataset_argument
@pass_app
def show(app: App, *, dataset: DatasetVersion) -> None:
    """See the help."""
    from medconsent.desk.datasets import status_of  # noqa: PLC0415
    from medconsent.errors import Refused  # noqa: PLC0415

    status = None
    with app.asking("reading the dataset") as client:
        found = client.datasets.get(dataset.dataset, dataset.version)
        with suppress(Refused):  # what was forged beside it hides nothing of the dataset
            status = None if app.json else status_of(client, found)

    def people() -> None:
        _view(found)
        if status is not None:
            output.line()
            _status(status)

    app.show(found.to_json(), people)


@click.command(
    "status",
    cls=Command,
    help="""Say where a dataset stands, and what is missing.

    What the version rests on, its statement of de-identification, who has to agree and whether they can, how many
    requests are undecided, which grants there are, and who has to do what now.""",
    examples="""
    medconsent dataset status hanbit/breast-cancer
    medconsent dataset status hanbit/breast-cancer@1
    """,
)
@dataset_argument
@pass_app
def status(app: App, *, dataset: DatasetVersion) -> None:
    """See the help."""
    from medconsent.desk.datasets import read_status  # noqa: PLC0415

    with app.asking("reading where the dataset stands") as client:
        found = read_status(client, dataset.dataset, dataset.version)
    app.show(found.to_json(), lambda: _status(found))


def _status(found: "DatasetStatus") -> None:
    output.fields((one.label, list(one.says)) for one in found.facts(naming()))
    show_next(found.next())


def _view(view: "DatasetView") -> None:
    version_fields(view.version, USAGE.get(view.usage_info or "", view.usage_info))
    output.line()
    policy_lines(view.policy)
