"""What holds for every test, whatever started them."""

import signal


def pytest_configure() -> None:
    """Ctrl-C ends the tests and what they start, also in the background or under `nohup`.

    A shell has what it starts in the background ignore SIGINT, a supervisor may do so with SIGTERM, and children
    inherit that: a test that sends one to a program of its own would find that nothing happens.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
