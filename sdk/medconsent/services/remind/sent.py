"""What was told through which channel, and when: one small JSON file of mode 0600.

    {"<channel>": {"<reminder>": "2026-11-24T10:50:10Z"}}

A channel is remembered by its own name, so that one that failed is tried again while the others keep quiet.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from medconsent import times
from medconsent.desk.reminders import AGAIN_AFTER, Reminder
from medconsent.errors import DocumentError
from medconsent.private_files import private_folder, write_private


class Sent:
    """The file of what was told.

    Raises:
        DocumentError: It is there and is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._told: dict[str, dict[str, datetime]] = {}
        if path.exists():
            try:
                found = json.loads(path.read_text(encoding="utf-8"))
                self._told = {
                    channel: {key: times.parse_time(at) for key, at in told.items()} for channel, told in found.items()
                }
            except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
                raise DocumentError(
                    f"this is no record of what was told: {error}",
                    source=str(path),
                    hint="remove the file: everything is told once more then",
                ) from error

    def fresh(self, channel: str, reminders: Iterable[Reminder], now: datetime) -> tuple[Reminder, ...]:
        """Those that this channel was not told within a day.

        Args:
            channel: By which people are told, as `mail`.
            reminders: All that are due.
            now: The time, with a time zone.
        """
        told = self._told.get(channel, {})
        return tuple(it for it in reminders if it.key not in told or told[it.key] + AGAIN_AFTER <= now)

    def record(self, channel: str, reminders: Iterable[Reminder], now: datetime) -> None:
        """Remember that they were told, and forget what is older than a day.

        Args:
            channel: By which they were told, as `mail`.
            reminders: Those that were told.
            now: When, with a time zone.

        Raises:
            DocumentError: It cannot be read or written.
        """
        self._told.setdefault(channel, {}).update((it.key, now) for it in reminders)
        kept = {
            name: {key: times.format_time(at) for key, at in told.items() if at + AGAIN_AFTER > now}
            for name, told in self._told.items()
        }
        try:
            private_folder(self.path.parent)
            write_private(self.path, (json.dumps(kept, indent=1, sort_keys=True) + "\n").encode())
        except OSError as error:
            raise DocumentError(
                f"what was told cannot be written down: {error.strerror}", source=str(self.path)
            ) from error
