"""How a service is ended: nothing that wants an end is lost, and nobody else's signals are taken."""

import signal
import threading
import time

import pytest

from medconsent.services.runtime.stop import Stop


def test_an_interrupt_that_was_to_be_ignored_still_is() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Stop() as stop:
            signal.raise_signal(signal.SIGINT)
            assert not stop.asked
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_end_that_is_wanted_already_is_not_slept_over() -> None:
    stop = Stop()
    stop.asked = True
    begun = time.monotonic()
    stop.sleep(60)
    assert time.monotonic() - begun < 30


def test_a_sigterm_ends_as_ctrl_c_does_and_what_was_there_before_is_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), Stop() as stop:
        signal.raise_signal(signal.SIGTERM)
    assert stop.asked
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_thread_leaves_signals_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    found = []

    def service() -> None:
        with Stop() as stop:
            found.append((stop.asked, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=service)
    thread.start()
    thread.join()
    assert found == [(False, before)]
