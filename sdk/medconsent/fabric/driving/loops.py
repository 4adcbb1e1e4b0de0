"""The loops that step a flow: what a step gave is sent into it, what failed is thrown into it."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import Any, TypeVar

from medconsent.fabric.flow import Emit, Flow, StreamFlow

T = TypeVar("T")


def result(flow: Flow[T], perform: Callable[[Any], bytes]) -> T:
    """The flow's result.

    Args:
        flow: The flow, not begun.
        perform: Gives what comes of a step, or raises.
    """
    try:
        step = next(flow)
        while True:
            try:
                reply = perform(step)
            except BaseException as problem:  # the flow decides what a failure means
                step = flow.throw(problem)
            else:
                step = flow.send(reply)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]


def values(flow: StreamFlow[T], perform: Callable[[Any], bytes]) -> Generator[T, None, None]:
    """The flow's values. The arguments are those of `result`."""
    try:
        step = next(flow)
        while True:
            try:
                reply = b""
                if isinstance(step, Emit):
                    yield step.value
                else:
                    reply = perform(step)
            except BaseException as problem:
                step = flow.throw(problem)
            else:
                step = flow.send(reply)
    except StopIteration:
        return


async def result_awaited(flow: Flow[T], perform: Callable[[Any], Awaitable[bytes]]) -> T:
    """The flow's result.

    Args:
        flow: The flow, not begun.
        perform: Gives an awaitable of what comes of a step.
    """
    try:
        step = next(flow)
        while True:
            try:
                reply = await perform(step)
            except BaseException as problem:  # the flow decides what a failure, or a cancellation, means
                step = flow.throw(problem)
            else:
                step = flow.send(reply)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]


async def values_awaited(flow: StreamFlow[T], perform: Callable[[Any], Awaitable[bytes]]) -> AsyncGenerator[T, None]:
    """The flow's values. The arguments are those of `result_awaited`."""
    try:
        step = next(flow)
        while True:
            try:
                reply = b""
                if isinstance(step, Emit):
                    yield step.value
                else:
                    reply = await perform(step)
            except BaseException as problem:
                step = flow.throw(problem)
            else:
                step = flow.send(reply)
    except StopIteration:
        return
