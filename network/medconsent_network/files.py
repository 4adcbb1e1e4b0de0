"""Files of a home: private by default, and never half written."""

import os
import shutil
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML

from medconsent import private_files


def private_folder(path: Path) -> Path:
    """Make `path` (and what leads to it) for its owner only (mode 0700)."""
    if not path.is_dir():
        private_folder(path.parent)  # mkdir's own `parents` would leave those readable by others
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def write_private(path: Path, content: bytes | str, mode: int = 0o600) -> None:
    """Write `content` to `path` in one step, readable by its owner only, in a folder that only its owner enters."""
    private_folder(path.parent)
    private_files.write_private(path, content.encode() if isinstance(content, str) else content, mode=mode)


def write_yaml(path: Path, document: object) -> None:
    """Write `document` as YAML, as `write_private` does."""
    out = StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.dump(document, out)
    write_private(path, out.getvalue())


def link(path: Path, target: Path) -> None:
    """Let the symbolic link `path` lead to `target`, replacing what it led to before."""
    private_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(path)


def remove_tree(path: Path) -> None:
    """Remove a folder and everything in it, if it is there."""
    if path.exists():
        shutil.rmtree(path)
