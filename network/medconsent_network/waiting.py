"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

from medconsent_network.errors import NetworkError

T = TypeVar("T")

PAUSE = 0.03
"""Seconds between two looks at a condition."""


def wait_for(condition: Callable[[], T | None], what: str, timeout: float, hint: Callable[[], str] = str) -> T:
    """Look at `condition` until it gives something true, and return that.

    `what` names what is waited for in the error; `hint` is asked only then. `timeout` is in seconds.

    Raises:
        NetworkError: TIMEOUT when it did not come true in time.
    """
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise NetworkError("TIMEOUT", f"waited {timeout:.0f} s in vain: {what}", hint())
        time.sleep(PAUSE)
