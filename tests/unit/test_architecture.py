"""docs/architecture.md has every package and every arrow between packages, no other, and none that leads in a circle.

The arrows are read from the imports: of Go from the import declarations, of Python from the syntax tree. Tests are left
out. What a program imports only for its types counts too: whoever reads a package has to read what its values are.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
GO = ROOT / "chaincode"
GO_MODULE = "medconsent.org/chaincode/"
PYTHON = {
    "medconsent": ROOT / "sdk" / "medconsent",
    "medconsent_cli": ROOT / "cli" / "medconsent_cli",
    "medconsent_network": ROOT / "network" / "medconsent_network",
}

Arrows = Mapping[str, set[str]]
"""Package -> the packages that it imports."""


def go_arrows() -> Arrows:
    """The packages of the chaincode, named by their folders."""
    arrows: dict[str, set[str]] = {}
    for file in sorted(GO.rglob("*.go")):
        if file.name.endswith("_test.go"):
            continue
        package = file.parent.relative_to(GO).as_posix()
        declarations = re.findall(r"^import (?:\((.*?)^\)|(.*?)$)", file.read_text("utf-8"), re.DOTALL | re.MULTILINE)
        paths = re.findall(r'"([^"]+)"', " ".join(part for pair in declarations for part in pair))
        imported = {path.removeprefix(GO_MODULE) for path in paths if path.startswith(GO_MODULE)}
        arrows.setdefault(package, set()).update(imported - {package})
    return arrows


def unit(module: str) -> str:
    """The package that a module is shown in: a folder below its distribution, or a module that stands beside these.

    Args:
        module: Dotted name, as ``medconsent.nouns.grants``.

    Returns:
        ``medconsent.nouns``; for ``medconsent.errors``, which is in no folder, itself.
    """
    return ".".join(module.split(".")[:2])


def modules() -> dict[str, Path]:
    """Every module of the three distributions by its dotted name; a folder stands for its ``__init__``."""
    found = {}
    for top, folder in PYTHON.items():
        for file in sorted(folder.rglob("*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            found[".".join([top, *parts]).removesuffix(".__init__")] = file
    return found


def imported_by(name: str, file: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """The modules of ours that one module imports, by their dotted names."""
    here = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            up = ".".join(here.split(".")[: len(here.split(".")) - node.level + 1]) if node.level else ""
            base = ".".join(part for part in (up, node.module or "") if part)
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                if whole in known:
                    yield whole
                elif base in known:
                    yield base


def python_arrows() -> Arrows:
    """The packages of the SDK, the CLI and the network."""
    known = modules()
    arrows: dict[str, set[str]] = {}
    for name, file in known.items():
        found = {unit(other) for other in imported_by(name, file, known)}
        arrows.setdefault(unit(name), set()).update(found - {unit(name)})
    return arrows


def rows(title: str) -> list[list[str]]:
    """The cells of the table under a heading of the page, without its first two lines."""
    section = PAGE.read_text("utf-8").split(f"### {title}\n")[1].split("\n#")[0]
    lines = re.findall(r"^\|(.*)\|$", section, re.MULTILINE)[2:]
    return [[cell.strip() for cell in line.split(" | ")] for line in lines]


def names(cell: str) -> list[str]:
    """What stands in backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def drawn(title: str) -> Arrows:
    """The arrows of a table; a package may have several rows."""
    arrows: dict[str, set[str]] = {}
    for package, imported in rows(title):
        arrows.setdefault(names(package)[0], set()).update(names(imported))
    return arrows


LANGUAGES = [("Arrows of Go", "Packages of Go", go_arrows), ("Arrows of Python", "Packages of Python", python_arrows)]


@pytest.mark.parametrize(("title", "packages", "read"), LANGUAGES)
def test_the_page_has_the_arrows_that_the_code_has(title, packages, read) -> None:
    page, code = drawn(title), read()
    assert {one: sorted(code.get(one, set()) - page.get(one, set())) for one in code} == {one: [] for one in code}, (
        "the code has arrows that docs/architecture.md has not"
    )
    assert {one: sorted(page[one] - code.get(one, set())) for one in page} == {one: [] for one in page}, (
        "docs/architecture.md has arrows that no code has"
    )


@pytest.mark.parametrize(("title", "packages", "read"), LANGUAGES)
def test_the_page_says_for_each_package_what_changes_it(title, packages, read) -> None:
    listed = [name for row in rows(packages) for name in names(row[0])]
    assert sorted(listed) == sorted(read())
    assert all(reason for _, reason in rows(packages))


@pytest.mark.parametrize("read", [go_arrows, python_arrows])
def test_no_arrow_leads_in_a_circle(read) -> None:
    try:
        TopologicalSorter(read()).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def test_the_ledger_names_no_noun() -> None:
    bodies = "".join(file.read_text("utf-8") for file in (GO / "records").glob("*.go"))
    nouns = set(re.findall(r"^func \((\w+)\) RecordType\(\)", bodies, re.MULTILINE)) | {"OntologyPage", "OntologyIndex"}
    assert {"Grant", "Request", "Vote"} < nouns
    for file in (GO / "ledger").glob("*.go"):
        named = set(re.findall(r"records\.(\w+)", file.read_text("utf-8")))
        if not file.name.endswith("_test.go"):
            assert sorted(named & (nouns | {f"{noun}Type" for noun in nouns})) == [], file


def imports_of_tests(source: str) -> Iterator[str]:
    """The test files that a module imports, wherever in it that stands, by their names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found = [node.module or "", *(alias.name for alias in node.names)]
        else:
            continue
        yield from (name for name in found if any(part.startswith("test_") for part in name.split(".")))


def test_no_test_file_is_imported() -> None:
    # What tests share is a fixture in a conftest.py, or in a module of its own beside them: a test file that others
    # import cannot be moved or divided, and pytest may load it twice.
    files = sorted((ROOT / "tests").rglob("*.py"))
    assert len(files) > 300
    found = {str(file.relative_to(ROOT)): [*imports_of_tests(file.read_text("utf-8"))] for file in files}
    assert {name: imported for name, imported in found.items() if imported} == {}


def test_an_import_of_a_test_file_is_found() -> None:
    source = "import cli.test_next\nfrom test_next import CHANGING\ndef late():\n    from . import test_main, answers\n"
    assert [*imports_of_tests(source)] == ["cli.test_next", "test_next", "test_main"]


def test_the_imports_are_read() -> None:
    assert "ledger" in go_arrows()["cmd/medconsent"] | go_arrows()["contract"]
    assert "medconsent.fabric" in python_arrows()["medconsent._internal"]
    assert unit("medconsent.nouns.grants") == "medconsent.nouns"
