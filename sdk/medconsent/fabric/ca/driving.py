"""Who waits for what a CA answers: the caller's thread, or one beside the event loop."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from typing import Any, TypeVar

from medconsent.fabric.driving import loops
from medconsent.fabric.flow import Asyncio, Blocking, Driver, Flow, StreamFlow

T = TypeVar("T")


class BlockingDriver(Driver[Blocking]):
    """Asks in the caller's thread."""

    def run(self, flow: Flow[T]) -> T:
        """See `Driver.run`."""
        return loops.result(flow, _asked)

    def iterate(self, flow: StreamFlow[T]) -> Generator[T, None, None]:
        """See `Driver.iterate`."""
        return loops.values(flow, _asked)


class AsyncioDriver(Driver[Asyncio]):
    """Asks in a thread of its own, for the event loop that waits."""

    async def run(self, flow: Flow[T]) -> T:
        """See `Driver.run`."""
        return await loops.result_awaited(flow, _asked_aside)

    def iterate(self, flow: StreamFlow[T]) -> AsyncGenerator[T, None]:
        """See `Driver.iterate`."""
        return loops.values_awaited(flow, _asked_aside)


def _asked(step: Any) -> bytes:
    """A CA is asked by `Aside` alone."""
    step.work()
    return b""


async def _asked_aside(step: Any) -> bytes:
    await asyncio.to_thread(step.work)
    return b""
