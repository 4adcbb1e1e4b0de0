"""A version of a dataset as people are shown it."""

from typing import TYPE_CHECKING

from medconsent_cli.app import output
from medconsent_cli.app.render import record_lines, size

if TYPE_CHECKING:
    from medconsent.nouns.datasets import DatasetVersion as VersionRecord


USAGE = {
    "current": "those of the policy in force",
    "outdated": "not those of the policy in force: they are from when it was published, and the policy holds",
    "differs": "not those of the policy in force; the policy holds",
    "absent": "not stated; the policy holds",
    "off-ledger": "the manifest is elsewhere: `medconsent dataset verify` compares them; the policy holds",
}
"""How the conditions of use in a manifest stand to the policy, in words."""


def version_fields(version: "VersionRecord", usage: str | None = None) -> None:
    output.fields(
        [
            ("dataset", version.dataset),
            ("version", version.version),
            ("title", version.title),
            ("summary", version.summary),
            ("kinds", ", ".join(version.kinds)),
            ("shows", ", ".join(version.body_parts)),
            ("keywords", ", ".join(version.keywords)),
            ("records", "" if version.records is None else version.records),
            ("contact", version.contact),
            ("files", f"{version.content.files}, {size(version.content.bytes)}"),
            ("content root", version.content.root),
            ("manifest", version.manifest.url or f"on the ledger, {size(version.manifest.bytes)}"),
            ("manifest's SHA-256", version.manifest.sha256),
            ("conditions in it", usage),
            *record_lines(version),
        ]
    )
