"""medconsent: the ledger that hospitals share for consent and access to medical data.

Start here:

    import medconsent

    with medconsent.connect("nuri/kim") as client:
        for view in client.datasets.iterate(keyword="oncology"):
            print(view.id, view.version.title)

`connect` acts as a context (see `medconsent.contexts`); `connect_async` does the same for asyncio. Each noun is an
attribute of the client: institutions, committees, datasets, policies, requests, grants, decisions, audit,
ontologies, transactions, events. What the contract refuses is an exception of `medconsent.errors`.
`medconsent.fabric` is the Fabric client underneath, `medconsent.data.manifest` describes and verifies data.
"""

import importlib
from typing import TYPE_CHECKING, Any

from medconsent._version import __version__

if TYPE_CHECKING:
    from medconsent.client import AsyncClient, Client, connect, connect_async
    from medconsent.contexts import Context, Contexts
    from medconsent.errors import MedconsentError, OutcomeUnknown, Refused, Unreachable
    from medconsent.values.policies import Alternative, Modifier, Policy, Stage
    from medconsent.values.purposes import Ethics, Purpose
    from medconsent.values.requests import NewRequest

__all__ = [
    "Alternative",
    "AsyncClient",
    "Client",
    "Context",
    "Contexts",
    "Ethics",
    "MedconsentError",
    "Modifier",
    "NewRequest",
    "OutcomeUnknown",
    "Policy",
    "Purpose",
    "Refused",
    "Stage",
    "Unreachable",
    "__version__",
    "connect",
    "connect_async",
]

_WHERE = {
    "client": ("AsyncClient", "Client", "connect", "connect_async"),
    "contexts": ("Context", "Contexts"),
    "errors": ("MedconsentError", "OutcomeUnknown", "Refused", "Unreachable"),
    "values.policies": ("Alternative", "Modifier", "Policy", "Stage"),
    "values.purposes": ("Ethics", "Purpose"),
    "values.requests": ("NewRequest",),
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import on first use: gRPC takes a tenth of a second to load, and describing a folder needs none of it."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
