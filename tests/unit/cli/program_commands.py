"""What the program itself says of its commands: all of them, and which of them change something.

Read from the commands' functions, so that a new command is in tests of all of them without a list that names it.
"""

import ast
import inspect
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

import click

from medconsent_cli.main import program


def every_command(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command of a group, by the words that one types for it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from every_command(command, (*before, name))
        else:
            yield " ".join((*before, name)), command


@cache
def functions_of(module: ModuleType) -> dict[str, set[str]]:
    """The functions of a module, each with the names of what it calls."""
    tree = ast.parse(inspect.getsource(module))
    return {
        one.name: {
            getattr(node.func, "attr", getattr(node.func, "id", ""))
            for node in ast.walk(one)
            if isinstance(node, ast.Call)
        }
        for one in tree.body
        if isinstance(one, ast.FunctionDef)
    }


def calls(function: Callable[..., Any]) -> set[str]:
    """The names of what a function calls, and of what is called by the functions of its module that it calls."""
    function = inspect.unwrap(function)
    module = inspect.getmodule(function)
    assert module is not None
    own = functions_of(module)
    found, new = set(), {function.__name__}
    while new:
        called = set().union(*(own.get(name, set()) for name in new))
        new, found = called - found, found | called
    return found


CHANGING = {
    name: found
    for name, command in every_command(program)
    if command.callback and ("changing" in (found := calls(command.callback)) or name == "ontology load")
}
"""What a command that changes something calls, by the command's words."""
