"""What was found and what was accepted, on disk; and the alarm, which the chaincode reads.

    findings.jsonl   one line a finding or an acceptance, only ever appended to
    alarm.json       there while a finding that closes is not accepted (docs/watcher.md)

Every file has mode 0600. The watcher writes while somebody accepts: both take the lock.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from medconsent.errors import DocumentError
from medconsent.private_files import open_private, write_private
from medconsent.watch.findings import Finding

ALARM, FINDINGS = "alarm.json", "findings.jsonl"
FORMAT = "medconsent/alarm/1"
_LISTED = 20  # findings that the alarm lists; how many there are it says
_SENTENCE = 600


@dataclass(frozen=True)
class Acceptance:
    """Who accepted a finding, when (RFC 3339) and why."""

    by: str
    at: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """A finding in the journal; `at` is when it was found (RFC 3339)."""

    finding: Finding
    at: str
    accepted: Acceptance | None = None

    @property
    def open(self) -> bool:
        """Whether it keeps decisions closed."""
        return self.finding.closes and self.accepted is None

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        accepted = None if self.accepted is None else vars(self.accepted).copy()
        return {**self.finding.to_json(), "at": self.at, "accepted": accepted}


class Journal:
    """The findings of one institution's watcher, in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FINDINGS
        self.alarm = folder / ALARM
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._known = {entry.finding.id for entry in self.entries()}

    def entries(self) -> list[Entry]:
        """Everything found so far, oldest first, each once.

        Raises:
            DocumentError: The file is damaged.
        """
        found: dict[str, Entry] = {}
        for number, line in enumerate(self._lines(), 1):
            try:
                told = json.loads(line)
                if "accepted" in told:
                    entry = found[told["accepted"]]
                    acceptance = Acceptance(str(told["by"]), str(told["at"]), str(told["reason"]))
                    found[told["accepted"]] = replace(entry, accepted=acceptance)
                else:
                    finding = Finding.from_json(told["found"])
                    found.setdefault(finding.id, Entry(finding, str(told["at"])))
            except (ValueError, KeyError, TypeError) as error:
                raise DocumentError(
                    f"the journal of the watcher is damaged: {error}",
                    source=str(self.path),
                    line=number,
                    hint="keep the file for the investigation, and let the watcher begin again in another folder "
                    "with --from genesis",
                ) from error
        return list(found.values())

    def open(self) -> list[Entry]:
        """The findings that keep decisions closed."""
        return [entry for entry in self.entries() if entry.open]

    def add(self, findings: Iterable[Finding]) -> list[Entry]:
        """Write down what is new, and raise the alarm for what closes. Gives what was new."""
        now = _now()
        new = {finding.id: Entry(finding, now) for finding in findings if finding.id not in self._known}
        if new:
            with self._locked():
                self._append({"found": entry.finding.to_json(), "at": now} for entry in new.values())
                self._known |= new.keys()
                if any(entry.open for entry in new.values()):
                    self._raise()
        return list(new.values())

    def accept(self, names: Iterable[str], *, by: str, reason: str) -> list[Entry]:
        """Accept findings, by their ids or unique beginnings of them; the alarm ends with the last that closes.

        Raises:
            DocumentError: There is no such finding, or several.
        """
        with self._locked():
            entries = self.entries()
            chosen = list({entry.finding.id: entry for entry in (_one(entries, name) for name in names)}.values())
            now = _now()
            self._append(
                {"accepted": entry.finding.id, "by": by, "reason": reason, "at": now}
                for entry in chosen
                if entry.accepted is None
            )
            self._raise()
        return [replace(entry, accepted=entry.accepted or Acceptance(by, now, reason)) for entry in chosen]

    def refresh(self) -> None:
        """Write the alarm as the journal says: should it have been removed, it is there again."""
        with self._locked():
            self._raise()

    def _raise(self) -> None:
        standing = self.open()
        if standing:
            write_private(self.alarm, (json.dumps(alarm(standing), indent=2) + "\n").encode())
        else:
            self.alarm.unlink(missing_ok=True)

    def _lines(self) -> list[bytes]:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return []
        # What stands after the last line's end was being written when the machine went down: it is found again.
        return data.split(b"\n")[:-1]

    def _append(self, lines: Iterable[dict[str, Any]]) -> None:
        with open_private(self.path) as file:
            whole = sum(len(line) + 1 for line in self._lines())
            file.truncate(whole)
            file.seek(whole)
            for line in lines:
                file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with open_private(self.folder / ".lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def alarm(standing: list[Entry]) -> dict[str, Any]:
    """What the alarm file says: a sentence for whoever is denied, and the first findings."""
    first = standing[0].finding
    more = f" (and {len(standing) - 1} more)" if len(standing) > 1 else ""
    sentence = f"{first.code}: {first.sentence}"
    if len(sentence) > _SENTENCE:
        sentence = sentence[: _SENTENCE - 1] + "…"
    return {
        "alarm": FORMAT,
        "since": standing[0].at,
        "sentence": f"{sentence}{more}",
        "count": len(standing),
        "findings": [_brief(entry.finding) for entry in standing[:_LISTED]],
    }


def _brief(finding: Finding) -> dict[str, Any]:
    return {"id": finding.id, "code": finding.code, "block": finding.block, "transaction": finding.transaction}


def _one(entries: list[Entry], name: str) -> Entry:
    fitting = [entry for entry in entries if name and entry.finding.id.startswith(name)]
    if len(fitting) != 1:
        what = f"{len(fitting)} findings begin with {name}" if fitting else f"there is no finding {name}"
        raise DocumentError(what, hint="medconsent watch status lists them")
    return fitting[0]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
