"""How what goes on for ever is ended: by Ctrl-C or SIGTERM, at whatever moment they come."""

import signal
import threading
import time
from types import FrameType, TracebackType
from typing import Any, Self

_SLICE = 1.0  # seconds of sleep, after which it is looked again whether somebody wants an end


class Stop:
    """Ctrl-C and SIGTERM raise `KeyboardInterrupt` while the body of the `with` statement runs, and are remembered.

    The exception alone is not enough. Python raises it wherever the main thread happens to be, and a finalizer has
    nobody to give it to: gRPC's channels and calls have such, and each round of a service leaves some behind. So a loop
    looks at `asked` before each round, and sleeps with `sleep`.

    In another thread than the main one signals are left alone, because Python gives them to nobody else: there the
    program that started the thread sets `asked`.

    Attributes:
        asked: Whether somebody wants an end.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[signal.Signals, Any] = {}

    def sleep(self, seconds: float) -> None:
        """Sleep for so many seconds, unless an end is wanted: then at most a second more."""
        until = time.monotonic() + seconds
        while not self.asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE))

    def __enter__(self) -> Self:
        if threading.current_thread() is not threading.main_thread():
            return self
        for number in (signal.SIGINT, signal.SIGTERM):
            # Who started the program may have had it ignore Ctrl-C (`nohup`, a shell's `&`): that stays so.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        raise KeyboardInterrupt
