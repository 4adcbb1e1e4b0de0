"""Files of a home: private by default, never half written, and of the user to whom the home belongs.

What root writes in a home belongs to whoever the folder around it belongs to. Otherwise no process could read it.
"""

import fcntl
import os
import pwd
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML

from medconsent import private_files
from medconsent_network.errors import NetworkError


def private_folder(path: Path) -> Path:
    """Make `path` (and what leads to it) for its owner only (mode 0700)."""
    for made in private_files.private_folder(path):
        if not made.parent.stat().st_mode & 0o077:  # inside a home; a network that root makes elsewhere is root's
            give(made, owner(made.parent))
    return path


def owner(path: Path) -> int:
    """Whose `path` is; or what is nearest above it, while it is not there."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.stat().st_uid


def give(path: Path, user: int) -> None:
    """Let `path` belong to `user`, where root made it; nothing for anybody else, who makes only what is theirs."""
    if os.geteuid() == 0 and user != 0:
        try:
            group = pwd.getpwuid(user).pw_gid
        except KeyError:
            group = -1
        os.chown(path, user, group, follow_symlinks=False)


def give_all(folder: Path) -> None:
    """`give` everything below a folder to its owner: also what other programs than this wrote as root."""
    user = owner(folder)
    if os.geteuid() == 0 and user != 0:
        for inside in folder.rglob("*"):
            if inside.lstat().st_uid == 0:
                give(inside, user)


def require_readable(folder: Path) -> None:
    """Refuse a folder of somebody else that lets nobody in.

    Raises:
        NetworkError: HOME_MISSING, which names both users.
    """
    try:
        folder.is_dir() and next(folder.iterdir(), None)
    except PermissionError as error:
        raise NetworkError(
            "HOME_MISSING",
            f"{error.filename or folder} cannot be looked into by {_user(os.geteuid())}",
            "Run this as the user to whom the home belongs.",
        ) from error


def require_own(home: Path) -> None:
    """Refuse to start anything in a home of somebody else: it would run as, and write files of, the wrong user.

    Raises:
        NetworkError: PROCESS_FAILED, which names both users.
    """
    theirs, ours = owner(home), os.geteuid()
    if theirs != ours:
        raise NetworkError(
            "PROCESS_FAILED",
            f"{home} belongs to the user {_user(theirs)}, and this is run by {_user(ours)}: its processes would run, "
            "and write their files, as the wrong one",
            f"Run this as {_user(theirs)}, for example with `sudo -u {_user(theirs)}`.",
        )


@contextmanager
def locked(folder: Path, waits: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Keep a second command from working on the same folder at the same time; it waits. Nothing where there is none.

    Args:
        folder: A network's, or a home's.
        waits: Is called once when another command has it.
    """
    if not folder.is_dir():
        yield
        return
    file = folder / ".lock"
    with private_files.open_private(file) as opened:
        give(file, owner(folder))
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waits()
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def write_private(path: Path, content: bytes | str, mode: int = private_files.PRIVATE) -> None:
    """Write `content` to `path` in one step, readable by its owner only, in a folder that only its owner enters.

    Args:
        path: The file, replaced when it is there.
        content: Text is written as UTF-8.
        mode: Its permission bits, where others may read it.
    """
    private_folder(path.parent)
    private_files.write_private(path, content.encode() if isinstance(content, str) else content, mode=mode)
    give(path, owner(path.parent))


def write_yaml(path: Path, document: object) -> None:
    """Write `document` as YAML, as `write_private` does.

    Args:
        path: The file, replaced when it is there.
        document: What YAML has a form for.
    """
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
    give(temporary, owner(path.parent))
    temporary.replace(path)


def remove_tree(path: Path) -> None:
    """Remove a folder and everything in it, if it is there."""
    if path.exists():
        shutil.rmtree(path)
