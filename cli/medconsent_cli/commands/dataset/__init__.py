"""`medconsent dataset`: describe, publish and find data, and verify a copy of it."""

from medconsent_cli.app import shape
from medconsent_cli.commands.dataset.describe import describe
from medconsent_cli.commands.dataset.manifest import manifest
from medconsent_cli.commands.dataset.publish import publish
from medconsent_cli.commands.dataset.show import list_, show, status
from medconsent_cli.commands.dataset.verify import verify

dataset = shape.group(
    "dataset",
    help="""Describe, publish, find and verify data.

    The data itself stays where it is; the ledger has its description, hashes and conditions of use.""",
    examples="""
    medconsent dataset list --keyword oncology
    medconsent dataset show hanbit/breast-cancer
    medconsent dataset verify hanbit/breast-cancer ./copy
    """,
)

for _command in (
    describe,
    publish,
    list_,
    show,
    status,
    manifest,
    verify,
):
    dataset.add_command(_command)
