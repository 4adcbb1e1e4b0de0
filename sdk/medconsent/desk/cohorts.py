"""A cohort before its next epoch: who is in and who is out otherwise than before, and that nobody vanished.

Somebody who is taken out of the members' file has not withdrawn: nothing is said of them any more, and their `out` is
lost. So the members of the newest epoch are kept at home, in `cohorts/<institution>/<slug>/<epoch>.csv` beside the
contexts (mode 0600), and the next epoch is compared with them. Nothing of it is sent anywhere.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from medconsent._internal.words import counted
from medconsent.client import Client
from medconsent.contexts import default_home
from medconsent.data.people.commitment import Commitment
from medconsent.data.people.keys import CohortKey
from medconsent.data.people.members import IN, OUT, lines_of, read_members
from medconsent.desk.plans import Plan
from medconsent.documents.policies import words_of
from medconsent.errors import DocumentError
from medconsent.nouns.consents import ConsentView, NewEpoch
from medconsent.private_files import private_folder, write_private


class KeptMembers:
    """The members' files of one cohort that this computer keeps."""

    def __init__(self, cohort: str, home: str | Path | None = None) -> None:
        """`home` is the folder of `medconsent.contexts`; None takes the usual one."""
        self.folder = (Path(home) if home is not None else default_home()) / "cohorts" / cohort

    def path(self, epoch: int) -> Path:
        """Where those of an epoch stand that is on the ledger."""
        return self.folder / f"{epoch}.csv"

    def sent(self, epoch: int) -> Path:
        """Where those of an epoch stand that was sent, and of which this computer does not know more."""
        return self.folder / f"{epoch}.sent.csv"

    def keep(self, epoch: int, members: Mapping[str, str]) -> None:
        """Keep the members of an epoch that is about to be sent; `settle` says that it is on the ledger.

        Args:
            epoch: The number of the epoch that they are sent as.
            members: `in` or `out` by the person's id.

        Raises:
            DocumentError: They cannot be written.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("id", "state"))
        writer.writerows(members.items())
        try:
            private_folder(self.folder)
            write_private(self.sent(epoch), text.getvalue().encode())
        except OSError as error:
            raise DocumentError(
                f"the members cannot be kept: {error.strerror}", source=str(self.sent(epoch))
            ) from error

    def settle(self, epoch: int) -> None:
        """The epoch whose members were kept last is on the ledger: those of earlier ones are removed."""
        self.sent(epoch).replace(self.path(epoch))
        for file in self.folder.glob("*.csv"):
            number = file.name.partition(".")[0]
            if number.isdecimal() and int(number) < epoch:
                file.unlink(missing_ok=True)


@dataclass(frozen=True)
class MembersChange:
    """How the members of the next epoch differ from those before.

    Attributes:
        withdrawn: How many were in and are out now.
        back: How many were out and are in now.
        new: How many were not there.
        stay: How many are as before.
        vanished: Lines of the file before whose people are not there any more.
        vanished_out: How many of these had withdrawn.
    """

    withdrawn: int
    back: int
    new: int
    stay: int
    vanished: tuple[int, ...]
    vanished_out: int

    def __str__(self) -> str:
        parts = (
            (self.withdrawn, "withdrawn"),
            (self.back, "back in"),
            (self.new, "new"),
            (len(self.vanished), "left out"),
            (self.stay, "as before"),
        )
        return ", ".join(f"{count} {word}" for count, word in parts if count)


def compare(file: Path, after: Mapping[str, str]) -> MembersChange:
    """The members of two epochs, compared.

    Args:
        file: The members of the epoch before.
        after: State by identifier, of the next epoch.

    Raises:
        DocumentError: The file cannot be read.
    """
    before, lines = read_members(file), lines_of(file)
    stays = [person for person in before if person in after]
    gone = [(lines[person], state) for person, state in before.items() if person not in after]
    return MembersChange(
        withdrawn=sum(before[it] == IN and after[it] == OUT for it in stays),
        back=sum(before[it] == OUT and after[it] == IN for it in stays),
        new=len(after) - len(stays),
        stay=sum(before[it] == after[it] for it in stays),
        vanished=tuple(line for line, _ in gone),
        vanished_out=sum(state == OUT for _, state in gone),
    )


def members_before(view: ConsentView, key: CohortKey | None, file: Path | None, home: str | Path | None = None) -> Path:
    """The file with the members of the newest epoch: one that is kept here, or `file`, when it is really theirs.

    Args:
        view: The cohort with its newest epoch.
        key: The key that the epoch was made with; None where it is not known: then a file is taken as it is.
        file: The members as they were then; None: those that this computer keeps.
        home: The folder of `medconsent.contexts`; None takes the usual one.

    Raises:
        DocumentError: There is none, or the epoch's root was made of others.
    """
    number, kept = view.epoch.epoch, KeptMembers(view.id, home)
    mend = "give the members' file as it was then (--before FILE), or say that nobody was left out (--forget)"
    candidates = [file] if file else [it for it in (kept.path(number), kept.sent(number)) if it.exists()]
    if not candidates:
        raise DocumentError(
            f"the members of {view.id}~{number} are not kept on this computer, so nobody can tell who was left out",
            hint=mend,
        )
    for found in candidates:
        members = read_members(found)
        if key is None or Commitment(key, view.id, number, members).root == view.epoch.root:
            return found
    raise DocumentError(
        f"these are not the members, or this is not the key, that {view.id}~{number} was recorded with",
        source=str(candidates[0]),
        hint=mend,
    )


def refuse_vanished(change: MembersChange, before: Path) -> None:
    """Refuse an epoch that leaves out people of the one before.

    Args:
        change: What differs between the two epochs.
        before: The file with the members of the epoch before, which the refusal names.

    Raises:
        DocumentError: Somebody who was in the epoch before is not in the next one.
    """
    if not change.vanished:
        return
    lines = ", ".join(map(str, change.vanished[:20])) + (", ..." if len(change.vanished) > 20 else "")
    gone = counted(len(change.vanished), "person is", "people are")
    raise DocumentError(
        f"{gone} not in the members' file any more, {change.vanished_out} of them withdrawn: line {lines} of the "
        "members before",
        source=str(before),
        hint="whoever withdrew stays in the file, as `out`; to leave them out on purpose, so that nobody can prove "
        "their withdrawal by this epoch, say --forget",
    )


def refuse_another_key(view: ConsentView, key: CohortKey) -> None:
    """Refuse a key that is not the cohort's own.

    Args:
        view: The cohort, as `consents.get` gave it.
        key: The key that would be used; a cohort that is bound to none yet takes any.

    Raises:
        DocumentError: The cohort is bound to another key.
    """
    if view.cohort.key_check not in (None, key.check(view.id)):
        raise DocumentError(
            f"this is another key than that of {view.id}",
            hint="give the cohort's own key; where it is to be another from now on, say --new-key",
        )


def epoch_plan(client: Client, view: ConsentView, new: NewEpoch, change: MembersChange | None) -> Plan:
    """What the next epoch of a cohort would change.

    Args:
        client: Who asks.
        view: The cohort with its newest epoch.
        new: What the next one says.
        change: How its members differ; None when that is not known.
    """
    was, will = ([words_of(alternative) for alternative in use] for use in (view.epoch.use, new.use))
    versions = {*view.datasets}
    grants = client.grants.iterate(owner=client.institution, state="active")
    resting = sum(f"{it.grant.dataset}@{it.grant.version}" in versions for it in grants)
    verb = "goes" if resting == 1 else "go"
    return Plan(
        title=f"cohort {view.id}: epoch {view.epoch.epoch + 1} after {view.epoch.epoch}",
        question="Record it?",
        goes=tuple(it for it in was if it not in will),
        comes=tuple(it for it in will if it not in was),
        ends=(
            f"people: {change or 'nobody is compared with the epoch before'}",
            f"{counted(resting, 'active grant')} {verb} by it at once",
        ),
        notes=(
            *(("what the people permit more waits for a second officer",) if set(will) - set(was) else ()),
            "an epoch cannot be taken back: the next one says otherwise",
        ),
    )
