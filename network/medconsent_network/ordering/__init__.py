"""The ordering service of a consortium, whatever its type is."""

from medconsent_network.ordering.raft import Raft
from medconsent_network.ordering.service import OrderingService
from medconsent_network.spec import Spec

_TYPES: dict[str, OrderingService] = {"raft": Raft()}


def of(spec: Spec) -> OrderingService:
    """The ordering service that the consortium file asks for (`ordering.type`)."""
    return _TYPES[spec.ordering.type]
