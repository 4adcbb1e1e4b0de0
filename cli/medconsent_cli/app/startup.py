"""What makes a short command short: most of the processor time of a question is not the question.

Three things are spared. gRPC imports its asyncio half, and with it the whole of asyncio, which this program never uses.
Python looks for circles among objects while modules are loaded, which make none. And at the end it takes everything
apart that the system takes back anyway.
"""

import atexit
import gc
import importlib.util
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, NoReturn

_SELDOM = ("asyncio", "grpc.aio")
"""Modules that others import and that are hardly ever used: each is loaded when something of it is asked for."""

_OBJECTS_BETWEEN_COLLECTIONS = 50_000  # Python's own: 700


def spare() -> None:
    """Spare what a short command does not need; to be called first. What goes on for long loses nothing by it."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    for name in _SELDOM:
        defer(name)


def leave(code: int) -> NoReturn:
    """End the process, once everything is written and whoever asked to be told of the end was told."""
    if os.environ.get("MEDCONSENT_DEBUG") != "1":
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
    sys.exit(code)


def defer(name: str) -> None:
    """Have a module that is not loaded yet loaded with the first use of something in it, and not by its import.

    The standard library's `LazyLoader` does not do: a second `import` of the module makes it load.
    """
    if name in sys.modules:
        return
    spec = _found(name)
    if spec is None:
        return
    module = importlib.util.module_from_spec(spec)
    module.__class__ = _Deferred
    sys.modules[name] = module


def _found(name: str) -> ModuleSpec | None:
    """Where a module is, without an import of the package around it."""
    package, _, _last = name.rpartition(".")
    around = _found(package) if package else None
    if package and around is None:
        return None
    return PathFinder.find_spec(name, around.submodule_search_locations if around else None)


class _Deferred(ModuleType):
    """A module whose code has not run."""

    def __getattr__(self, name: str) -> Any:
        self.__class__ = ModuleType  # type: ignore[assignment]
        spec = self.__spec__
        if spec is None or spec.loader is None:
            raise AttributeError(name)
        spec.loader.exec_module(self)
        return getattr(self, name)
