"""A child process for test_cli_interrupt: runs the program again and again, and says when each run begins and ends.

    python interrupted_program.py TIMES WORD...

It answers each run with one line, `ended CODE`; an interrupt that comes before the program runs is `ended early`.
"""

import gc
import sys

from medconsent_cli.main import run


def main(times: int, words: list[str]) -> None:
    """Run the program so often."""
    for _ in range(times):
        try:
            gc.collect()  # what a run before left behind is not part of this one
            print("begun", file=sys.__stdout__, flush=True)
            code = run(words)
        except KeyboardInterrupt:
            print("ended early", file=sys.__stdout__, flush=True)
        else:
            print("ended", code, file=sys.__stdout__, flush=True)


main(int(sys.argv[1]), sys.argv[2:])
