"""How long the network takes: from nothing to ready, and for down and up again."""

import time

from medconsent_network.consortium import Consortium
from medconsent_network.progress import Progress

from .figures import Figure

#: Seconds. Printed beside what was measured; nothing fails when they are passed.
LIMIT_FROM_NOTHING, LIMIT_AGAIN = 12.0, 8.0


def measure(consortium: Consortium, progress: Progress) -> list[Figure]:
    """Bring the consortium up from nothing, down, and up again; it is up at the end, with all its blocks."""
    begin = time.perf_counter()
    consortium.up(progress)
    from_nothing = time.perf_counter() - begin
    heights = consortium.heights()

    begin = time.perf_counter()
    consortium.down()
    down = time.perf_counter() - begin
    consortium.up(progress)
    again = time.perf_counter() - begin
    lost = {name for name, height in heights.items() if consortium.heights().get(name, 0) < height}
    if lost:
        raise RuntimeError(f"after down and up the ledger of {', '.join(sorted(lost))} is shorter than before")
    return [
        _against("network.from-nothing", from_nothing, LIMIT_FROM_NOTHING),
        _against("network.down-and-up", again, LIMIT_AGAIN, f", of it down {down:.1f} s"),
    ]


def _against(name: str, seconds: float, limit: float, more: str = "") -> Figure:
    return Figure(name, seconds, "s", seconds / limit, f"limit {limit:.0f} s{more}")
