"""Sphinx's settings for the documentation site. How it is built, and from what, is in `build.py`."""

import builtins
from typing import Any

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx import addnodes
from sphinx.application import Sphinx

from medconsent import __version__

project = "medconsent"
version = release = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
include_patterns = ["*.md", "docs/*.md", "docs/**/*.md", "bench/README.md", "tests/**/*.md", "reference/*.rst"]
exclude_patterns = ["docs/site/**"]

# Links between pages name headings as a reader of the repository has them.
myst_heading_anchors = 6

# What stands between single backticks in a docstring is a name; it becomes a link where there is such a thing.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_default_options = {"show-inheritance": True}
napoleon_numpy_docstring = False
# A member of a dataclass is told once, where the class's docstring tells of it.
napoleon_use_ivar = True

html_theme = "pydata_sphinx_theme"
html_title = f"medconsent {version}"
html_theme_options = {"show_prev_next": False}
html_copy_source = False


def examples_as_code(*event: Any) -> None:
    """Take an indented block of a docstring as code, as who reads it in the file does.

    Args:
        event: That of Sphinx's `autodoc-process-docstring`; its last value, the lines, is changed in place.
    """
    lines: list[str] = event[-1]
    told: list[str] = []
    code = False
    for line in lines:
        indented = line.startswith(" ")
        if indented and not code and len(told) > 1 and not told[-1] and not told[-2].startswith(" "):
            told += ["::", ""]
        code = indented or (code and not line)
        told.append(line)
    lines[:] = told


def only_exact_names(app: Sphinx, document: nodes.document) -> None:
    """Link a type in a signature by its whole name only.

    Sphinx otherwise takes `bytes` for whichever class has an attribute of that name.

    Args:
        app: Sphinx itself.
        document: The page that was read; changed in place.
    """
    for link in list(document.findall(addnodes.pending_xref)):
        if link.get("refdomain") != "py":
            continue
        if hasattr(builtins, link["reftarget"]):
            link.replace_self(link.children)
        elif not link.get("refspecific", True):
            del link["refspecific"]


def setup(app: Sphinx) -> None:
    """Connect what stands above; napoleon's own reading of docstrings has priority 500.

    Diagrams in Mermaid stay text: to draw them, each reader's browser would load a program from somebody else's server.

    Args:
        app: Sphinx itself.
    """
    app.add_lexer("mermaid", TextLexer)
    app.connect("autodoc-process-docstring", examples_as_code, priority=400)
    app.connect("doctree-read", only_exact_names)
