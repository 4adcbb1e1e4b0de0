"""The draft of a statement of de-identification: what was measured, and what a privacy officer has to fill in."""

from collections.abc import Sequence
from typing import Any

from medconsent.data.deid.images import TO_DO, Headers
from medconsent.data.deid.tables import Measured


def draft(
    law: str,
    term: str,
    measured: Measured | None,
    headers: Sequence[Headers],
    released_before: Sequence[str] = (),
    *,
    report_sha256: str | None = None,
) -> dict[str, Any]:
    """A statement (docs/deidentification.md) that the contract refuses until it has been completed.

    Args:
        law: The law by which the data is de-identified, a code of the contract, as `KR-PIPA`.
        term: What the law calls the result, as `pseudonymised`.
        measured: What was measured of a table; None: there is no table.
        headers: What the headers of images show, an entry a modality.
        released_before: Earlier versions, as `hanbit/breast-cancer@1`, which the same people are in.
        report_sha256: SHA-256 of the report (`medconsent.data.deid.report`), in hex; None: there is none yet.
    """
    document: dict[str, Any] = {
        "law": law,
        "term": term,
        "methods": [{"method": TO_DO, "tool": TO_DO, "tool_version": TO_DO}],
    }
    if measured:
        document["tables"] = [measured.statement(released_before)]
    if images := [found.statement() for found in headers if found.volumes]:
        document["images"] = images
    document["residual_risk"] = TO_DO
    document["report"] = {"sha256": report_sha256 or TO_DO}
    return document
