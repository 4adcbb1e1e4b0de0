"""What programs import says of each argument what it is: units, bounds, and what None means.

Ruff (D417) sees that an `Args:` section names every argument. It does not ask for the section; this test does, for
every public function of two arguments or more. One argument fits into the summary.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SDK = Path(__file__).parents[2] / "sdk" / "medconsent"


_SAYS = re.compile(r"^Args:$|^See `|[Tt]he arguments are those of ", re.MULTILINE)
"""The section, or where it stands: an implementation names what it implements, a sibling the other."""


def modules() -> list[Path]:
    """The modules of the SDK that no underscore hides, their own or a package's."""

    def hidden(file: Path) -> bool:
        return any(name.startswith("_") and name != "__init__.py" for name in file.relative_to(SDK).parts)

    return sorted(file for file in SDK.rglob("*.py") if not hidden(file))


def lacking(source: str) -> Iterator[str]:
    """The public functions in a module's source, as `Class.function`, that have arguments and do not say which."""
    yield from _lacking(ast.parse(source), "")


def _lacking(inside: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    for node in inside.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield from _lacking(node, f"{prefix}{node.name}.")
            continue
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        said = ast.get_docstring(node) or ""
        if len({one.arg for one in arguments} - {"self", "cls"}) > 1 and not _SAYS.search(said):
            yield prefix + node.name


@pytest.mark.parametrize("file", modules(), ids=lambda file: file.relative_to(SDK).as_posix())
def test_public_functions_say_what_their_arguments_are(file: Path) -> None:
    assert not [*lacking(file.read_text("utf-8"))]


def test_a_function_that_does_not_say_it_is_found() -> None:
    source = '''
class Noun:
    def said(self, one, two):
        """Do it.

        Args:
            one: The first.
            two: The second.
        """
    def short(self, one):
        """Do it to `one`."""
    def unsaid(self, one, *, two=None):
        """Do it."""
    def _own(self, one, two): ...
async def unsaid(one, two): ...
class _Own:
    def unsaid(self, one, two): ...
'''
    assert [*lacking(source)] == ["Noun.unsaid", "unsaid"]
