"""How much one client has under way at once, so that others of the same peer go on.

A Gateway takes 500 requests at a time by default (`peer.limits.concurrency.gatewayService`) from all of its clients
together, and refuses what is more. A question for a transaction's status holds its place until the transaction is in a
block, so these have places of their own; and a transaction that is endorsed does not queue behind those that are not.
"""

from dataclasses import dataclass

_SUBMITS = ("/gateway.Gateway/Submit", "/orderer.AtomicBroadcast/Broadcast")
_COMMIT_STATUS = "/gateway.Gateway/CommitStatus"


@dataclass(frozen=True)
class Limits:
    """The most calls of one client that are under way at once at one node; further ones wait here for their turn.

    Attributes:
        calls: Evaluations and endorsements.
        submits: Transactions being handed over.
        statuses: Questions for the status of a transaction.
    """

    calls: int = 100
    submits: int = 50
    statuses: int = 100

    def __post_init__(self) -> None:
        if min(self.calls, self.submits, self.statuses) < 1:
            raise ValueError("each limit is at least 1")

    def of(self, method: str) -> tuple[str, int]:
        """Which of the places a method takes, and how many of these there are.

        Args:
            method: Its full name.
        """
        if method in _SUBMITS:
            return "submits", self.submits
        if method == _COMMIT_STATUS:
            return "statuses", self.statuses
        return "calls", self.calls
