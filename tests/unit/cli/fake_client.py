"""What stands in for the SDK's client: calls that are remembered, and lists as the SDK iterates them."""

from collections.abc import Callable, Iterator
from typing import Any

from medconsent.values.records import ForgedRecord


class Recorder:
    """Remembers the arguments of each call, and answers what it was told to."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls.append((args, kwargs))
        return self.answer(*args, **kwargs) if callable(self.answer) else self.answer


def listing(answers: list[Any], forged: tuple[ForgedRecord, ...] = ()) -> Callable[..., Iterator[Any]]:
    """A method `iterate` that yields `answers` and tells of `forged`."""

    def iterate(*, on_forged: Callable[[ForgedRecord], None], **_options: Any) -> Iterator[Any]:
        yield from answers
        for record in forged:
            on_forged(record)

    return iterate
