"""Secrets are prompted for, read from a file or from stdin; they are never an argument, which other users could see."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Self, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_MOST = 4096


def secret_option(help: str) -> Callable[[F], F]:
    """The option `--secret-file`."""
    return click.option(
        "--secret-file",
        metavar="FILE",
        type=click.Path(dir_okay=False, allow_dash=True),
        help=help + " `-` reads it from stdin. Without the option it is prompted for.",
    )


def read_secret(file: str | None, prompt: str) -> str:
    """The secret from `file` (`-`: stdin), or typed at a prompt that does not show it.

    Args:
        file: The file; None asks at the terminal.
        prompt: What is asked there.

    Raises:
        click.UsageError: there is neither a file nor a terminal, or the file is empty, unreadable or too long.
    """
    if file is None:
        if not sys.stdin.isatty():
            raise click.UsageError("no secret: give --secret-file FILE, or `--secret-file -` to read it from stdin.")
        return str(click.prompt(prompt, hide_input=True, err=True))
    from medconsent._internal.files import read_at_most  # noqa: PLC0415
    from medconsent._internal.text import decode  # noqa: PLC0415
    from medconsent.errors import DocumentError  # noqa: PLC0415

    try:
        data = sys.stdin.buffer.read(_MOST + 1) if file == "-" else read_at_most(file, _MOST)
        text = decode(data)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise click.UsageError(f"the secret file {file} cannot be read: {why}.") from None
    except DocumentError:
        raise click.UsageError(f"the secret file {file} is not text in UTF-8.") from None
    secret = text.removesuffix("\n").removesuffix("\r")
    if not secret or len(data) > _MOST or "\n" in secret:
        raise click.UsageError(f"the secret file {file} must hold one line of 1 to {_MOST} characters.")
    return secret


class SecretFile:
    """A new file of mode 0600 for one secret; removed again when the body fails. `path` None makes it keep nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stream: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Make the file.

        Raises:
            click.UsageError: it exists already, or cannot be made.
        """
        if self._path is not None:
            from medconsent.private_files import create_private  # noqa: PLC0415

            try:
                self._stream = create_private(self._path)
            except FileExistsError:
                raise click.UsageError(
                    f"{self._path} exists already; a secret is written to a new file only."
                ) from None
            except OSError as error:
                raise click.UsageError(f"{self._path} cannot be written: {error.strerror}.") from None
        return self

    def write(self, secret: str) -> None:
        """Keep the secret."""
        if self._stream is not None:
            self._stream.write(f"{secret}\n".encode())
            self._stream.flush()

    def __exit__(self, kind: type[BaseException] | None, *_unused: object) -> None:
        if self._path is not None and self._stream is not None:
            self._stream.close()
            if kind is not None:
                self._path.unlink()
