"""Every page of the documentation can be read: short lines, links that lead somewhere, words that are explained."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "tests").rglob("*.md"),
        *(ROOT / "bench").glob("*.md"),
    ]
)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
LONGEST = 160
"""How many characters a line may have."""

_LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|^ {4}.*?$|`[^`\n]+`", re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as a link after ``#`` spells them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_pages_are_found() -> None:
    assert {"README.md", "CONTRIBUTING.md", "docs/contract.md", "docs/glossary.md"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_lines_are_short(name: str) -> None:
    """A line has at most 160 characters, but for lines that are a link and nothing else."""
    text = (ROOT / name).read_text(encoding="utf-8")
    long = [line for line in text.splitlines() if len(line) > LONGEST and not _LINK.fullmatch(line.strip())]
    assert not long


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    lost = []
    for _, target in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"\w+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            lost.append(target)
    assert not lost


def test_every_page_is_reached_from_the_readme() -> None:
    """From the README a reader gets to each page by links."""
    reached, left = set(), [ROOT / "README.md"]
    while left:
        page = left.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        for _, target in _LINK.findall(page.read_text(encoding="utf-8")):
            there = (page.parent / target.partition("#")[0]).resolve()
            if there.is_file():
                left.append(there)
    # The list of the site is read as the site alone.
    pages = set((ROOT / "docs").rglob("*.md")) - {ROOT / "docs" / "site" / "index.md"}
    assert {str(page.relative_to(ROOT)) for page in pages} <= {str(page.relative_to(ROOT)) for page in reached}


def test_every_page_is_in_a_list_of_the_site() -> None:
    """What the building of the site asks too, told at once."""
    listed = set(
        re.findall(
            r"^(?:.*<)?([\w/-]+)>?$", (ROOT / "docs" / "site" / "index.md").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    pages = {
        str(page.relative_to(ROOT).with_suffix("")) for page in PAGES if page.parent.name not in {"site", "decisions"}
    }
    assert pages - listed == set()


def test_the_glossary_explains_each_word_once_and_in_order() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    for part in text.split("\n## ")[1:]:
        words = [row.split("|")[1].strip() for row in part.splitlines() if row.startswith("| ")][1:]
        assert len(words) > 20
        assert words == sorted(words, key=str.lower)
        assert len(words) == len(set(words))
