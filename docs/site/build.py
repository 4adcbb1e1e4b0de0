"""Build the documentation site: the pages that are read in the repository, and the reference from docstrings.

    python docs/site/build.py dist/site

The pages stay where they are; they are copied beside a page for each module of the SDK. Whatever Sphinx warns of (a
link that leads nowhere, a page that no list has) ends the build with 1.
"""

import argparse
import importlib
import inspect
import pkgutil
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from sphinx.cmd.build import build_main

import medconsent
from medconsent.fabric.flow import operation, stream

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
LEFT_OUT = ("__pycache__", "*.egg-info", "build", "dist")
"""What a checkout has besides what is kept in it, and hidden folders."""


def modules() -> list[str]:
    """Every module of the SDK whose name does not begin with an underscore, nor one of its packages'."""
    found = [module.name for module in pkgutil.walk_packages(medconsent.__path__, "medconsent.")]
    return ["medconsent", *sorted(name for name in found if "._" not in name)]


def operations_as_methods(module: ModuleType) -> None:
    """Put in place of each operation of a module's classes the function that it was made of, with what it answers.

    An operation is an object, of which Sphinx would tell neither the arguments nor the answer.

    Args:
        module: The module; it is of no use afterwards but to be read.
    """
    for _, kind in inspect.getmembers(module, inspect.isclass):
        for name, member in list(vars(kind).items()):
            if isinstance(member, operation | stream):
                member.flow.__annotations__["return"] = inspect.signature(member).return_annotation
                setattr(kind, name, member.flow)


def titled(title: str, text: str) -> str:
    """A page of reStructuredText."""
    return f"{title}\n{'=' * len(title)}\n\n{text}"


def reference(module: ModuleType) -> str:
    """The page of a module: what it says of itself, what it has, and where the rest of what it exports is told."""
    exported = getattr(module, "__all__", None)
    if exported is None:
        return titled(module.__name__, f".. automodule:: {module.__name__}\n   :members:\n")
    own, others = [], []
    for name in exported:
        home = getattr(getattr(module, name), "__module__", module.__name__)
        (own if home == module.__name__ else others).append((name, home))
    members = f"   :members: {', '.join(name for name, _ in own)}\n" if own else ""
    links = "".join(f"- :py:obj:`{name} <{home}.{name}>`\n" for name, home in others)
    return titled(module.__name__, f".. automodule:: {module.__name__}\n{members}\nIt exports\n\n{links}")


def lay_together(folder: Path) -> None:
    """Fill a folder with what the site is made from.

    Args:
        folder: An empty folder.
    """
    for entry in ROOT.iterdir():
        if entry.name.startswith(".") or entry.name in LEFT_OUT:
            continue
        if entry.is_dir():
            shutil.copytree(entry, folder / entry.name, ignore=shutil.ignore_patterns(*LEFT_OUT, ".*"))
        else:
            shutil.copy(entry, folder)
    shutil.copy(HERE / "index.md", folder)
    pages = folder / "reference"
    pages.mkdir()
    names = modules()
    for name in names:
        module = importlib.import_module(name)
        operations_as_methods(module)
        (pages / f"{name}.rst").write_text(reference(module), encoding="utf-8")
    listed = "".join(f"   {name}\n" for name in names)
    index = titled("The Python reference", f".. toctree::\n   :maxdepth: 1\n\n{listed}")
    (pages / "index.rst").write_text(index, encoding="utf-8")


def render(source: Path, out: Path) -> int:
    """Make pages of a folder, by the settings beside this file.

    Args:
        source: The folder that was laid together.
        out: The folder for the pages, which is made.

    Returns:
        Sphinx's exit code: 0, or 1 when it warned of something.
    """
    strict = ["--quiet", "--fail-on-warning", "--keep-going"]
    return build_main([*strict, "-b", "html", "-c", str(HERE), "-d", f"{source}/.doctrees", str(source), str(out)])


def main() -> int:
    """Read the command line, and build."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path, help="the folder for the pages, such as dist/site")
    out = parser.parse_args().out.resolve()
    with tempfile.TemporaryDirectory(prefix="medconsent-site-") as source:
        lay_together(Path(source))
        return render(Path(source), out)


if __name__ == "__main__":
    sys.exit(main())
