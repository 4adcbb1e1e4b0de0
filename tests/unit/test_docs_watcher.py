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
    """The kinds of findings as a table, and below it what to do, once for all kinds that ask for the same."""
    kinds = KINDS.values()
    table = "".join(f"| `{kind.code}` | {kind.closes} | {kind.meaning} | {kind.why} |\n" for kind in kinds)
    codes: dict[str, list[str]] = {}
    for kind in kinds:
        codes.setdefault(kind.advice, []).append(f"`{kind.code}`")
    advice = [
        textwrap.fill(
            f"- {', '.join(named)}: {told}.",
            width=120,
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for told, named in codes.items()
    ]
    head = "| code | closes | meaning | why it closes that |\n|---|---|---|---|\n"
    return f"\n{head}{table}\nWhat to do:\n\n" + "\n".join(advice) + "\n\n"


def test_every_kind_is_in_the_guide() -> None:
    before, begun, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    part, ended, after = rest.partition(_END)
    assert begun, "the page has no place for the findings"
    assert ended, "the part of the findings does not end"
    if os.environ.get("UPDATE_DOCS"):
        part = findings()
        PAGE.write_text(before + begun + part + ended + after, encoding="utf-8")
    assert part == findings()
