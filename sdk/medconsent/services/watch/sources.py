"""What the watcher is given: pinned root certificates, one's own peer, and blocks that were exported to files."""

import itertools
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from medconsent.contexts import Context
from medconsent.errors import ContextError, DocumentError
from medconsent.fabric.channel import Channel
from medconsent.fabric.errors import BlockError, IdentityError
from medconsent.fabric.flow import Blocking
from medconsent.fabric.gateway import Gateway
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.fabric.trust import Authority

SUFFIX = ".block"
_NUMBER = re.compile(r"(\d+)\D*$")


def pinned(institution: str, roots: Iterable[Path]) -> Authority:
    """The institution's root certificates in PEM files that it keeps itself.

    Args:
        institution: The institution's MSP ID.
        roots: One file or more.

    Raises:
        DocumentError: It cannot be read or written.
    """
    files = list(roots)
    try:
        authority = Authority.from_pem(institution, [path.read_bytes() for path in files])
    except OSError as error:
        raise DocumentError(f"a root certificate cannot be read: {error}", source=str(files[0])) from error
    except IdentityError as error:
        raise DocumentError(str(error), source=str(files[0])) from error
    if not authority.roots:
        raise DocumentError("it has no certificate", source=", ".join(map(str, files)))
    return authority


def pinned_by(context: Context) -> Authority:
    """The root that a context came with, from its institution's operator; it must be the one that issued the context's
    own certificate.

    Raises:
        ContextError: There is no such context, or it cannot be read.
    """
    identity, _ = context.load()
    try:
        authority = Authority.from_pem(context.institution, [context.ca_root] if context.ca_root else [])
    except IdentityError as error:
        raise ContextError(
            f"the CA's root certificate of the context {context.name} cannot be read: {error}"
        ) from error
    if authority.member(identity.creator) is None:
        raise ContextError(
            f"the context {context.name} does not know the root certificate that issued its own certificate",
            hint="name the root certificates of the institution's CA: --root FILE",
        )
    return authority


def exported(path: Path) -> Iterator[LedgerBlock]:
    """The blocks of a file, or of the files `*.block` in a folder by the last number in their names.

    Raises:
        DocumentError: A file is no block.
    """
    for file in _files(path):
        try:
            yield LedgerBlock.parse(file.read_bytes())
        except (OSError, BlockError) as error:
            raise DocumentError(f"it cannot be read: {error}", source=str(file)) from error


class Exported:
    """Exported blocks, asked for by number as a peer's are.

    Raises:
        DocumentError: A file is no block.
    """

    def __init__(self, path: Path, genesis: Path | None = None) -> None:
        """`genesis` is a file with the channel's first block, for blocks that begin later."""
        self._path = path
        self.first = next(exported(path))
        self._before = list(exported(genesis)) if genesis and self.first.number else []

    def blocks(self, first: int | None = None, last: int | None = None) -> Iterator[LedgerBlock]:
        """The blocks in a range.

        Args:
            first: The first block; without `last` too: the last one only.
            last: The last block; None: all that follow.

        Raises:
            DocumentError: One block is asked for and is not there, or a file is no block.
        """
        block = None
        for block in itertools.chain(self._before, exported(self._path)):
            if last is not None and block.number > last:
                break
            if first is not None and block.number >= first:
                yield block
                if block.number == last:
                    return
        if first is None and block is not None:
            yield block
        elif first == last:
            raise DocumentError(
                f"block {first} is not among these blocks",
                source=str(self._path),
                hint="it is needed to begin later: export it too (for the channel's first block there is --genesis)",
            )


def name_of(block: LedgerBlock) -> str:
    """The file that a block is exported to, as in `medconsent_0000000012.block`."""
    return f"{block.channel}_{block.number:010}{SUFFIX}"


def exported_in(folder: Path, channel: str, first: int, last: int | None) -> list[Path]:
    """The files in a folder that blocks `first` to `last` (None: all that follow) were exported to, in order.

    Args:
        folder: Where the exports are.
        channel: The channel's name, with which the names of its files begin.
        first: The first block that is wanted, from 0.
        last: The last one; None for all that follow.
    """
    name = re.compile(rf"{re.escape(channel)}_(\d{{10,}}){re.escape(SUFFIX)}", re.ASCII)
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    return [
        file
        for file in there
        if (found := name.fullmatch(file.name)) and first <= int(found[1]) and (last is None or int(found[1]) <= last)
    ]


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = [file for file in path.iterdir() if file.suffix == SUFFIX]
    if not files:
        raise DocumentError(f"the folder has no file *{SUFFIX}", source=str(path))
    return sorted(files, key=_number)


def _number(file: Path) -> tuple[int, str]:
    found = _NUMBER.search(file.stem)
    return (int(found[1]) if found else 0), file.name


@contextmanager
def own_peer(context: Context) -> Iterator[Channel[Blocking]]:
    """The channel at the peer of the context's institution.

    Raises:
        ContextError: There is no such context, or it cannot be read.
    """
    with Gateway(
        context.endpoint, *context.load(), tls_root=context.tls_root, server_name=context.server_name
    ) as gateway:
        yield gateway.channel(context.channel)
