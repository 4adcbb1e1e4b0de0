"""Where the watcher stands, on disk, so that it goes on after a restart without the blocks before.

    checkpoint.json   the next block, the hash of the one before, the configuration in force, what was approved
    guards.log        the keys that the institution guards, appended to; the checkpoint says how much of it counts

Mode 0600, replaced whole. What was found in a block is in the journal before the checkpoint moves past the block, so
after a fall the worst is that a block is judged twice.
"""

import json
import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from medconsent.errors import DocumentError
from medconsent.fabric.channel_config import ChannelConfig
from medconsent.fabric.errors import BlockError
from medconsent.private_files import open_private, write_private
from medconsent.watch.state import Guards, State

FORMAT = "medconsent/watch/2"
_FORMER = "medconsent/watch/1"
CHECKPOINT, GUARDS = "checkpoint.json", "guards.log"


class Checkpoint:
    """The checkpoint of one institution's watcher of one channel, in its folder."""

    def __init__(self, folder: Path, institution: str, channel: str, chaincode: str) -> None:
        self.path = folder / CHECKPOINT
        self._guards = folder / GUARDS
        self._whose = {"format": FORMAT, "institution": institution, "channel": channel, "chaincode": chaincode}
        self._written = 0  # bytes of the guards' file that count

    def load(self) -> State | None:
        """The state; None when nothing was watched yet.

        Raises:
            DocumentError: It is another watcher's, or damaged.
        """
        try:
            told = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            raise self._damaged(str(error)) from error
        if isinstance(told, dict) and told.get("format") == _FORMER:
            raise self._damaged("it is of a version before 0.2.0, which kept the guarded keys in another way")
        if not isinstance(told, dict) or any(told.get(name) != value for name, value in self._whose.items()):
            raise DocumentError(
                f"it is not the checkpoint of {self._whose['institution']}'s watcher of {self._whose['channel']}",
                source=str(self.path),
                hint="give each institution and channel a folder of its own (--folder)",
            )
        try:
            return self._state(told)
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError, OSError, BlockError) as error:
            raise self._damaged(str(error)) from error

    def save(self, state: State) -> None:
        """Write the state: first what the guards changed, then the rest in one step."""
        with open_private(self._guards) as file:
            file.truncate(self._written)
            file.seek(self._written)
            file.write(state.guards.pending)
            file.flush()
            os.fsync(file.fileno())
        self._written += len(state.guards.pending)
        state.guards.pending.clear()
        told = {
            **self._whose,
            "next": state.next,
            "last_hash": state.last_hash.hex(),
            "config": b64encode(state.config.data).decode() if state.config else None,
            "approvals": state.approvals,
            "definition": {name: b64encode(value).decode() for name, value in state.definition.items()},
            "guards_bytes": self._written,
            "guards_secret": state.guards.secret.hex(),
        }
        write_private(self.path, (json.dumps(told, indent=1) + "\n").encode())

    def _state(self, told: dict[str, Any]) -> State:
        written = int(told["guards_bytes"])
        log = self._guards.read_bytes()[:written] if written else b""
        if len(log) != written:
            raise ValueError(f"{self._guards.name} is shorter than the checkpoint says")
        self._written = written
        config, following = told["config"], told["next"]
        if not isinstance(following, int) or not 0 <= following < 2**64:
            raise ValueError(f"there is no block {following!r}")
        return State(
            next=following,
            last_hash=bytes.fromhex(told["last_hash"]),
            config=ChannelConfig.parse(b64decode(config)) if config else None,
            approvals={str(key): str(value) for key, value in told["approvals"].items()},
            definition={str(name): b64decode(value) for name, value in told["definition"].items()},
            guards=Guards(log, bytes.fromhex(told["guards_secret"])),
        )

    def _damaged(self, why: str) -> DocumentError:
        return DocumentError(
            f"the checkpoint cannot be gone on from: {why}",
            source=str(self.path),
            hint="begin again with --from genesis; what was found stays in the journal",
        )
