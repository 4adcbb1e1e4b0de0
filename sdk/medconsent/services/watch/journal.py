"""What was found and what was accepted, on disk; and the alarm, which the chaincode reads.

    findings.jsonl   one line a finding or an acceptance, only ever appended to
    alarm.json       there while a finding that closes is not accepted (docs/watcher.md)

Every file has mode 0600. The watcher writes while somebody accepts: both take the lock.
"""

import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from medconsent.errors import DocumentError
from medconsent.private_files import open_private, private_folder, write_private
from medconsent.watch.findings import Finding

ALARM, FINDINGS = "alarm.json", "findings.jsonl"
FORMAT = "medconsent/alarm/2"
_CHUNK = 4096
_LISTED = 20  # findings that the alarm lists; how many there are it says
_SENTENCE = 600
_SENTENCE_OF_ONE = 300
_LONGEST_FILE = 64 << 10  # more the chaincode does not read
_MOST_NOTES = 1000  # of one code that closes nothing: others could write them without end


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
        private_folder(folder)
        entries = self.entries()
        self._known = {entry.finding.id for entry in entries}
        self._notes = Counter(entry.finding.code for entry in entries if not entry.finding.closes)

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
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
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
        """Write down what is new, and raise the alarm for what closes. Gives what was written down.

        Of a code that closes nothing only the first thousand are: others could make them without end.
        """
        now = _now()
        new: dict[str, Entry] = {}
        for finding in findings:
            if finding.id in self._known or finding.id in new:
                continue
            if not finding.closes:
                if self._notes[finding.code] >= _MOST_NOTES:
                    continue
                self._notes[finding.code] += 1
            new[finding.id] = Entry(finding, now)
        if new:
            with self._locked():
                self._append({"found": entry.finding.to_json(), "at": now} for entry in new.values())
                self._known |= new.keys()
                if any(entry.open for entry in new.values()):
                    self._raise()
        return list(new.values())

    def accept(self, names: Iterable[str], *, by: str, reason: str) -> list[Entry]:
        """Accept findings, by their ids or unique beginnings of them; the alarm ends with the last that closes.

        Args:
            names: Findings by their ids, or unique prefixes of these.
            by: Who accepts.
            reason: Why, for whoever reads the journal later.

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
            told = alarm(standing)
            text = json.dumps(told, indent=2) + "\n"
            if len(text) > _LONGEST_FILE:  # a hundred institutions at once: then it is the ledger
                text = json.dumps(told | {"ledger": True, "institutions": {}}, indent=2) + "\n"
            write_private(self.alarm, text.encode())
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
            file.truncate(_end_of_lines(file))
            file.seek(0, os.SEEK_END)
            for line in lines:
                file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with open_private(self.folder / ".lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _end_of_lines(file: BinaryIO) -> int:
    """Where the last whole line ends; read from the end, as the file may be long."""
    end = file.seek(0, os.SEEK_END)
    while end:
        begin = max(0, end - _CHUNK)
        file.seek(begin)
        found = file.read(end - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def alarm(standing: list[Entry]) -> dict[str, Any]:
    """What the alarm file says: how much is closed, a sentence for whoever is denied, and the first findings.

    `ledger` is whether everything is closed; else `institutions` says why for each of those that what rests on them
    is closed.
    """
    whole = [entry for entry in standing if entry.finding.scope.ledger]
    tainting: dict[str, list[Entry]] = {}
    for entry in standing:
        for institution in entry.finding.scope.institutions:
            tainting.setdefault(institution, []).append(entry)
    return {
        "alarm": FORMAT,
        "since": standing[0].at,
        "sentence": _sentence(whole or standing, _SENTENCE),
        "ledger": bool(whole),
        "institutions": {name: _sentence(tainting[name], _SENTENCE_OF_ONE) for name in sorted(tainting)},
        "count": len(standing),
        "findings": [_brief(entry.finding) for entry in (whole or standing)[:_LISTED]],
    }


def _sentence(entries: list[Entry], most: int) -> str:
    first = entries[0].finding
    more = f" (and {len(entries) - 1} more)" if len(entries) > 1 else ""
    sentence = f"{first.code}: {first.sentence}"
    if len(sentence) > most:
        sentence = sentence[: most - 1] + "…"
    return sentence + more


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
