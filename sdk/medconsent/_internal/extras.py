"""What an installation without one of its extras says to install."""

import shlex
import sys
from importlib import metadata


def hint(extra: str) -> str:
    """The command that installs what `extra` has: its packages by name, wherever medconsent itself came from."""
    marker = f'extra == "{extra}"'
    wanted = [need.partition(";")[0].strip() for need in metadata.requires("medconsent") or () if marker in need]
    return f"Install the extra `{extra}`: {shlex.join([sys.executable, '-m', 'pip', 'install', *wanted])}"
