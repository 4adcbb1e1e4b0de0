"""Names that other systems get for things of the ledger, and words that the exports share."""

import uuid
from functools import cache

from medconsent import contract

LEDGER = "tag:medconsent.org,2026:"
"""What each name begins with that the consortium's ledger gives (RFC 4151): unique in the consortium, no address."""


def name_of(kind: str, identifier: str) -> str:
    """The URI of something on the ledger, as `tag:medconsent.org,2026:dataset/hanbit/bc`.

    Args:
        kind: What it is: `dataset`, `grant`, `institution`, `person` and so on.
        identifier: Its id there.
    """
    return f"{LEDGER}{kind}/{identifier}"


def uuid_of(name: str) -> str:
    """The UUID of such a name (RFC 9562, version 5, of URLs): the same at each export."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


@cache
def duo(code: str) -> tuple[str, str]:
    """The id and the label of a term of GA4GH DUO, as `DUO:0000006` and `health or medical or biomedical research`.

    Raises:
        KeyError: The contract knows no such term.
    """
    for term in contract.document()["use_conditions"]:
        if term["code"] == code:
            return term["duo"], term["label"]
    raise KeyError(code)
