"""How long a call is tried."""

import random
import time
from collections.abc import Sequence
from dataclasses import replace

from grpc import StatusCode

from medconsent.fabric.flow import Call, Flow, Pause, RpcFailure

_CROWDED_FIRST, _CROWDED_MOST, _CROWDED_SECONDS = 0.05, 1.0, 60.0


def until(timeout: float | None) -> float | None:
    """The moment (monotonic) at which so many seconds are over; None where there is no end."""
    return None if timeout is None else time.monotonic() + timeout


def left(end: float | None) -> float | None:
    """The seconds that are left until then, at least 0."""
    return None if end is None else max(end - time.monotonic(), 0.0)


def patient(
    call: Call, pauses: Sequence[float], end: float | None = None, *, longest: float | None = None
) -> Flow[bytes]:
    """Make a call, again for as long as the Gateway has too much to do to look at it.

    Args:
        call: The call. Only one that may be made twice may have pauses.
        pauses: After each (seconds) it is made again, while the peer is not reached.
        end: The moment until which all of it may take; in place of the call's own limit.
        longest: How long one try may take all the same, in seconds.
    """
    again = iter(pauses)
    crowded, waited = _CROWDED_FIRST, 0.0
    while True:
        limit = left(end)
        if limit == 0:
            raise RpcFailure(StatusCode.DEADLINE_EXCEEDED, "the time was over before it was asked")
        limit = call.timeout if limit is None else limit
        try:
            limit = limit if longest is None else min(limit, longest)
            # A copy takes longer than all else here, and most calls need none.
            return (yield call if limit == call.timeout else replace(call, timeout=limit))
        except RpcFailure as failure:
            if failure.overloaded and waited < _CROWDED_SECONDS:
                pause = crowded * random.uniform(0.5, 1.5)  # noqa: S311 - so that many do not come back at once
                crowded, waited = min(crowded * 2, _CROWDED_MOST), waited + pause
            elif not failure.unreached or (pause := next(again, -1.0)) < 0:
                raise
            if end is not None and time.monotonic() + pause >= end:
                raise
        yield Pause(pause)
