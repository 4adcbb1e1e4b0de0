"""docs/watcher.md tells every kind of finding: the part is made from the code, and compared with it.

UPDATE_DOCS=1 python -m pytest tests/unit/test_docs_watcher.py writes it anew.
"""

import os
import textwrap
from pathlib import Path

from medconsent.watch.kinds import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "watcher.md"
_BEGIN = "<!-- table: made from the watcher by UPDATE_DOCS=1 python -m pytest tests/unit/test_docs_watcher.py -->\n"
_END = "<!-- end of the table -->\n"


def findings() -> str:
    """The kinds of findings as a list, and below it what to do, once for all kinds that ask for the same."""
    kinds = KINDS.values()
    told = [item(f"`{kind.code}` closes {kind.closes}: {kind.meaning}. Why: {kind.why}.") for kind in kinds]
    codes: dict[str, list[str]] = {}
    for kind in kinds:
        codes.setdefault(kind.advice, []).append(f"`{kind.code}`")
    advice = [item(f"{', '.join(named)}: {what}.") for what, named in codes.items()]
    return "\n" + "\n".join(told) + "\n\nWhat to do:\n\n" + "\n".join(advice) + "\n\n"


def item(text: str) -> str:
    """An item of a list, in lines that can be read."""
    return textwrap.fill(f"- {text}", width=118, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def test_every_kind_is_in_the_guide() -> None:
    before, begun, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    part, ended, after = rest.partition(_END)
    assert begun, "the page has no place for the findings"
    assert ended, "the part of the findings does not end"
    if os.environ.get("UPDATE_DOCS"):
        part = findings()
        PAGE.write_text(before + begun + part + ended + after, encoding="utf-8")
    assert part == findings()
