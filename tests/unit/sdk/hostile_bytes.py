"""Bytes that are nearly right, changed in places, or nothing in particular: a few each time, more in `make fuzz`.

MEDCONSENT_FUZZ_SECONDS says for how long further seeds are tried, MEDCONSENT_FUZZ_SEED with which these begin.
"""

import os
import time
from collections.abc import Callable

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

SECONDS = float(os.environ.get("MEDCONSENT_FUZZ_SECONDS", "0"))
FIRST_SEED = int(os.environ.get("MEDCONSENT_FUZZ_SEED", "1"))
EXAMPLES = 150

PIECES = (
    *(b"\0", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b",", b";", b"\n", b"\r", b"[", b"{", b"}", b"]"),
    *(b"-1", b"1e999", b"null", b"true", b"{}", b"[]", b"\\ud800", b"&a *a", b"9" * 400, b"[" * 3000),
    *("é".encode("latin-1"), "한".encode("cp949")),
)
"""What readers stumble over."""


def bytes_like(right: bytes) -> st.SearchStrategy[bytes]:
    """What is like a right file: with pieces changed, repeated, cut out or put in; or nothing like it."""
    pieces = st.one_of(st.binary(max_size=8), st.sampled_from(PIECES))
    places = st.integers(0, max(0, len(right)))
    changes = st.lists(st.tuples(places, places, pieces), min_size=1, max_size=4)

    def changed(changes: list[tuple[int, int, bytes]]) -> bytes:
        data = right
        for begin, length, piece in changes:
            data = data[:begin] + piece + data[begin + length % 12 :]
        return data

    return st.one_of(
        changes.map(changed), st.binary(max_size=200), st.integers(0, len(right)).map(lambda end: right[:end])
    )


def for_many(right: bytes, tried: Callable[[bytes], object]) -> None:
    """Try many bytes that are like the right ones; what `tried` raises fails the test.

    Args:
        right: Bytes that are right, or nearly.
        tried: Reads some.
    """

    def once(number: int, examples: int) -> None:
        @seed(number)
        @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(bytes_like(right))
        def run(data: bytes) -> None:
            tried(data)

        run()

    once(0, EXAMPLES)
    until, number = time.monotonic() + SECONDS, FIRST_SEED
    while time.monotonic() < until:
        once(number, 10 * EXAMPLES)
        number += 1
