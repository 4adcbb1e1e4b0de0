"""The console script: whoever stops it while it is still being loaded is shown no traceback."""

import signal


def main() -> None:
    """Load the program and run it. Until it is loaded Ctrl-C ends the process, as nothing was done."""
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # it may be ignored, as under `nohup`
    if usual:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from medconsent_cli.main import main as program  # noqa: PLC0415

    if usual:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    program()
