"""Docstrings say of each argument what it is: units, bounds, and what None means.

Ruff (D417) sees that an `Args:` section names every argument. It does not ask for the section; this test does:

- in the SDK, for every public function of two arguments or more: one argument fits into the summary;
- in the network's program, which nobody imports, where an argument's type does not say what it is (`str`, `Path`) and
  the text does not name it.

What the options of a command are stands in its help.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SDK = ROOT / "sdk" / "medconsent"
NETWORK = ROOT / "network" / "medconsent_network"

_SAYS = re.compile(r"^Args:$|^See `|[Tt]he arguments are those of ", re.MULTILINE)
"""The section, or where it stands: an implementation names what it implements, a sibling the other."""
_PLAIN = {
    *(
        "str",
        "int",
        "float",
        "bool",
        "bytes",
        "object",
        "None",
        "Any",
        "Path",
        "BinaryIO",
        "datetime",
        "timedelta",
        "T",
    ),
    *("dict", "list", "set", "frozenset", "tuple", "Callable", "Collection", "Iterable", "Mapping", "Sequence"),
}
"""Names in the types that do not say what a value is."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Lacks = Callable[[Function, str], bool]


def modules(package: Path) -> list[Path]:
    """The modules of a package that no underscore hides, their own or a folder's."""

    def hidden(file: Path) -> bool:
        return any(name.startswith("_") and name != "__init__.py" for name in file.relative_to(package).parts)

    return sorted(file for file in package.rglob("*.py") if not hidden(file))


def lacking(source: str, lacks: Lacks) -> Iterator[str]:
    """The public functions in a module's source, as `Class.function`, that do not say what their arguments are."""
    yield from _lacking(ast.parse(source), "", lacks)


def _lacking(inside: ast.Module | ast.ClassDef, prefix: str, lacks: Lacks) -> Iterator[str]:
    for node in inside.body:
        if not isinstance(node, ast.ClassDef | Function) or node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield from _lacking(node, f"{prefix}{node.name}.", lacks)
            continue
        said = ast.get_docstring(node) or ""
        if len({one.arg for one in _arguments(node)}) > 1 and not _SAYS.search(said) and lacks(node, said):
            yield prefix + node.name


def _arguments(function: Function) -> list[ast.arg]:
    arguments = function.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    return [one for one in every if one.arg not in ("self", "cls")]


def always(_function: Function, _said: str) -> bool:
    """The section is wanted whatever the types are."""
    return True


def where_types_do_not_say(function: Function, said: str) -> bool:
    """The section is wanted for an argument of a plain type that the text does not name.

    A command has its help, and a method without a text what it implements.
    """
    decorated = any(".command" in ast.unparse(one) or ".group" in ast.unparse(one) for one in function.decorator_list)
    implements = not said and function.args.args[:1] and function.args.args[0].arg == "self"
    if decorated or implements:
        return False
    return any(_plain(one.annotation) and f"`{one.arg}`" not in said for one in _arguments(function))


def _plain(annotation: ast.expr | None) -> bool:
    nodes = list(ast.walk(annotation)) if annotation else []
    named = {node.id for node in nodes if isinstance(node, ast.Name)}
    return bool(named) and named <= _PLAIN and not any(isinstance(node, ast.Attribute) for node in nodes)


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", modules(SDK), ids=_name)
def test_public_functions_say_what_their_arguments_are(file: Path) -> None:
    assert not [*lacking(file.read_text("utf-8"), always)]


@pytest.mark.parametrize("file", modules(NETWORK), ids=_name)
def test_functions_of_the_network_say_what_plain_arguments_are(file: Path) -> None:
    assert not [*lacking(file.read_text("utf-8"), where_types_do_not_say)]


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
    assert [*lacking(source, always)] == ["Noun.unsaid", "unsaid"]


def test_a_plain_argument_that_is_not_said_is_found() -> None:
    source = '''
def typed(home: Home, progress: Progress): """Do it."""
def named(home: Home, path: Path): """Do it at `path`."""
def unsaid(home: Home, path: Path | None): """Do it."""
@main.command("up")
def up(network: Path, json: bool): """Bring it up."""
class Raft(OrderingService):
    def remove(self, host: str, port: int): ...
'''
    assert [*lacking(source, where_types_do_not_say)] == ["unsaid"]
