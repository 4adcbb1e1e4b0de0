"""The documentation site is built without a warning, and has what programs and people look for."""

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def words(page: Path) -> str:
    """What a reader sees of a page."""
    return unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, ROOT / "docs" / "site" / "build.py", out]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return out


def test_each_page_of_the_repository_is_there(site: Path) -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    names = [page.relative_to(ROOT).with_suffix(".html") for page in pages if page.parent.name != "site"]
    assert [name for name in names if not (site / name).is_file()] == []
    assert "A five-minute tour" in words(site / "README.html")


def test_an_operation_is_told_as_what_a_program_calls(site: Path) -> None:
    """Its arguments, what comes of it, and what each argument is."""
    page = words(site / "reference" / "medconsent.nouns.grants.html")
    assert "revoke(grant: str, reason: str, *, others: Sequence[str] = ()) → Written[Grant]" in page
    assert "Its id, or a unique prefix of it." in page


def test_what_a_module_exports_is_told_once_and_linked(site: Path) -> None:
    page = (site / "reference" / "medconsent.html").read_text(encoding="utf-8")
    assert 'href="medconsent.client.html#medconsent.client.connect"' in page
    assert "connect(" not in words(site / "reference" / "medconsent.html").replace("medconsent.connect(", "")


def test_a_link_that_leads_nowhere_ends_the_build(tmp_path: Path) -> None:
    """Tried with one page, in the way that the site is made."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "index.md").write_text("# Here\n\n[there](nowhere.md)\n", encoding="utf-8")
    program = "import build, pathlib, sys; sys.exit(build.render(*map(pathlib.Path, sys.argv[1:])))"
    command = [sys.executable, "-c", program, source, tmp_path / "out"]
    built = subprocess.run(command, cwd=ROOT / "docs" / "site", capture_output=True, text=True, check=False)
    assert built.returncode == 1
    assert "nowhere.md" in built.stderr
