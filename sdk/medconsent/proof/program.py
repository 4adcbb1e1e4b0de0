"""The contract's own program, which is run over the blocks: a process that is handed transactions and judges them."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Self

from medconsent.errors import DocumentError
from medconsent.proof.signatures import Verified

_AHEAD = 256  # blocks that were handed in and not answered


class Program:
    """The program of the contract (the chaincode's executable), judging one channel's blocks in order.

    Answers come one a block, in order: `hand` gives those that are there already, `end` the rest.
    """

    def __init__(self, path: Path) -> None:
        """
        Raises:
            DocumentError: It cannot be run.
        """
        self._path = path
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the program
        try:
            self._process = subprocess.Popen(
                [os.fspath(path.absolute()), "--replay"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
            )
        except OSError as error:
            raise DocumentError(
                f"it cannot be run: {error.strerror}",
                source=str(path),
                hint="name the chaincode's executable: medconsent-network build makes .build/chaincode/medconsent",
            ) from error
        self._in, self._out = self._process.stdin, self._process.stdout
        self._answers: SimpleQueue[bytes] = SimpleQueue()
        self._waiting = 0
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def hand(self, block: int, members: Sequence[str], transactions: Sequence[Verified]) -> Iterable[dict[str, Any]]:
        """Hand in a block's endorsed transactions; the answers that are there meanwhile.

        Args:
            block: The block's number.
            members: The MSP IDs that were in the channel at that block.
            transactions: The block's transactions whose endorsements were verified, in its order.

        Raises:
            DocumentError: The program does not do what the contract's does.
        """
        line = {"number": block, "members": members, "transactions": [one.facts() for one in transactions]}
        self._write(json.dumps(line).encode() + b"\n" + b"".join(one.envelope for one in transactions))
        self._waiting += 1
        while self._waiting > _AHEAD or (self._waiting and not self._answers.empty()):
            yield self._answer()

    def end(self) -> Iterable[dict[str, Any]]:
        """The answers that are left, and what stands at the end as the last.

        Raises:
            DocumentError: See `hand`.
        """
        self._write(b'{"end": true}\n')
        self._waiting += 1
        while self._waiting:
            yield self._answer()

    def close(self) -> None:
        """End the program."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._in, self._out, self._said):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self) -> None:
        for line in self._out or ():
            self._answers.put(line)
        self._answers.put(b"")

    def _write(self, data: bytes) -> None:
        try:
            if self._in is not None:
                self._in.write(data)
                self._in.flush()
        except OSError as error:
            raise self._fault() from error

    def _answer(self) -> dict[str, Any]:
        line = self._answers.get()
        try:
            answer = json.loads(line)
        except ValueError as error:
            raise self._fault() from error
        if not isinstance(answer, dict):
            raise self._fault()
        self._waiting -= 1
        return answer

    def _fault(self) -> DocumentError:
        self._process.kill()
        self._process.wait()
        self._said.seek(0)
        said = self._said.read(2000).decode("utf-8", "replace").strip().splitlines()
        return DocumentError(
            f"it does not judge blocks as the contract's program does{': ' + said[-1] if said else ''}",
            source=str(self._path),
            hint="name the chaincode's executable, of version 0.2.0 or later",
        )
