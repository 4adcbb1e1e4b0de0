"""Who keeps the processes of a home: its supervisord, or nobody."""

from collections.abc import Mapping
from dataclasses import dataclass

from medconsent_network.home import Home
from medconsent_network.supervisor import ProcessState, Supervisor, leftovers


@dataclass(frozen=True)
class Keeping:
    """A home's processes, and whether their supervisord answers.

    Attributes:
        home: Whose.
        states: Of every process that is known of.
        daemon: The number of the supervisord when it is there and does not answer; otherwise 0.
        answers: Whether it answers.
    """

    home: Home
    states: Mapping[str, ProcessState]
    daemon: int
    answers: bool

    @classmethod
    def of(cls, home: Home) -> "Keeping":
        """How it is now."""
        supervisor = Supervisor(home)
        states = supervisor.states()
        if states:
            return cls(home, states, 0, answers=True)
        return cls(home, supervisor.unwatched(), leftovers.daemon(supervisor.folder), answers=False)
