"""What can go wrong, and what to do about it.

    MedconsentError
    ├── Refused             the contract said no: one subclass for each code of docs/contract.md; nothing was written
    ├── Unreachable         an institution that is needed did not answer; nothing was written
    ├── Invalidated         ordered, and found invalid by the peers; nothing was written
    ├── OutcomeUnknown      sent, and not known whether it was committed; how to find out is in `diagnostics()`
    ├── StillWaiting        what one did waits for a second officer
    ├── UnexpectedAnswer    what a peer answered is not what docs/contract.md says
    ├── DocumentError       a file of the caller (policy, manifest) cannot be read; nothing was sent
    ├── ContextError        no identity to act with: see `medconsent.contexts`
    ├── AlreadyEnrolled     no new secret for somebody who can act: see `medconsent.staff`
    ├── IdentityRevoked     nothing more for somebody who was revoked: see `medconsent.staff`
    └── ReleaseError        bytes of a dataset cannot be kept, given or taken: see `medconsent.release`

`diagnostics()` tells a person what happened and the next step; the command line prints it and adds nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class EndorserWord:
    """What one institution's peer answered to a proposal.

    `code` is the contract's code when the chaincode refused, and None when the peer or its chaincode failed.
    """

    institution: str
    address: str
    message: str
    code: str | None = None

    def __str__(self) -> str:
        said = ": ".join(part for part in (self.code, self.message) if part)
        return f"{self.institution or '?'} ({self.address or '?'}): {said}"

    def to_json(self) -> dict[str, str]:
        """All four members; those without a value are empty texts."""
        return {
            "institution": self.institution,
            "address": self.address,
            "code": self.code or "",
            "message": self.message,
        }


@dataclass(frozen=True)
class Diagnosis:
    """What went wrong, where, and what to do: an error as it is told.

    Attributes:
        code: The stable code that programs look at, as `FORBIDDEN` or `UNREACHABLE` (docs/errors.md).
        message: What happened, in one sentence.
        field: The member of the argument that is meant, as `purpose.diseases[0]`; may be empty.
        option: What that member is called where the caller typed it, as `--disease CODE`; may be empty.
        hint: What to do next; may be empty.
        details: What the contract adds, such as all reasons of a denial: texts, or objects with `code` and `message`.
        endorsers: What each institution's peer answered.
        transaction_id: The transaction that it is about; empty when none was made.
    """

    code: str
    message: str
    field: str = ""
    option: str = ""
    hint: str = ""
    details: tuple[Any, ...] = ()
    endorsers: tuple[EndorserWord, ...] = ()
    transaction_id: str = ""

    def lines(self) -> list[str]:
        """The lines for people: the code and the sentence, then where, why, what to do, and who said what.

        Endorsers that all said the same have been heard once; only a disagreement is news.
        """
        told = [f"{self.code}: {_one_line(self.message)}"]
        if self.field:
            option = f" ({self.option})" if self.option and self.option != self.field else ""
            told.append(f"  where: {self.field}{option}")
        told += [f"  - {_detail(detail)}" for detail in self.details]
        if self.hint:
            told.append(f"  hint: {_one_line(self.hint)}")
        if len({(word.code, word.message) for word in self.endorsers}) > 1:
            told.append("  the institutions' peers do not say the same:")
            told += [f"    {word}" for word in self.endorsers]
        if self.transaction_id:
            told.append(f"  transaction: {self.transaction_id}")
        return told

    def to_json(self) -> dict[str, Any]:
        """The same for programs; members that are empty are left out."""
        members = {
            "code": self.code,
            "message": self.message,
            "field": self.field,
            "option": self.option,
            "hint": self.hint,
            "details": list(self.details),
            "endorsers": [word.to_json() for word in self.endorsers],
            "transaction_id": self.transaction_id,
        }
        return {name: value for name, value in members.items() if value}


def _rebuilt(kind: "type[MedconsentError]", arguments: tuple[Any, ...], state: dict[str, Any]) -> "MedconsentError":
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(state)
    return error


class MedconsentError(Exception):
    """Base of every error that the nouns raise. It can be pickled, and is the same afterwards.

    Attributes:
        code: The stable code that programs look at (docs/errors.md).
        message: What happened, in one sentence.
        hint: What to do next; may be empty.
        transaction_id: The transaction that it is about; empty when none was made.
        words: What each institution's peer answered.
    """

    code: str = "FAULT"

    def __init__(
        self, message: str, *, hint: str = "", transaction_id: str = "", words: Sequence[EndorserWord] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.transaction_id = transaction_id
        self.words = tuple(words)

    def __reduce__(self) -> Any:
        return _rebuilt, (type(self), self.args, dict(self.__dict__))

    @property
    def diagnosis(self) -> Diagnosis:
        """What went wrong, where, and what to do, as a value."""
        return Diagnosis(self.code, str(self), hint=self.hint, endorsers=self.words, transaction_id=self.transaction_id)

    def diagnostics(self) -> str:
        """The same in several lines of plain text, for a person: what the command line prints."""
        return "\n".join(self.diagnosis.lines())


class StillWaiting(MedconsentError):  # noqa: N818 - nothing failed
    """What one did widens something: it was written down as a proposal, and waits for a second officer."""

    code = "WAITS_FOR_SECOND"

    def __init__(self, proposal: str, widens: Sequence[str], transaction_id: str) -> None:
        super().__init__(
            f"it waits for a second officer as proposal {proposal[:12]}: {'; '.join(widens)}",
            hint=f"another officer of your institution confirms it (proposals.confirm {proposal[:12]})",
            transaction_id=transaction_id,
        )


class Refused(MedconsentError):  # noqa: N818 - the name says who acted: the contract refused
    """The contract refused; nothing was written. Subclasses stand for the codes of docs/contract.md.

    A code that this version does not know is a plain `Refused`.

    Attributes:
        field: The path of the member of the argument that is meant; may be empty.
        details: What the contract adds, such as all reasons of a denial.
    """

    code = ""

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        hint: str = "",
        details: Sequence[Any] = (),
        transaction_id: str = "",
        words: Sequence[EndorserWord] = (),
        code: str = "",
    ) -> None:
        super().__init__(message, hint=hint, transaction_id=transaction_id, words=words)
        self.code = code or self.code
        self.field = field
        self.details = tuple(details)

    @property
    def diagnosis(self) -> Diagnosis:
        return replace(super().diagnosis, field=self.field, details=self.details)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _detail(detail: Any) -> str:
    if isinstance(detail, Mapping) and "message" in detail:
        return ": ".join(str(detail[name]) for name in ("code", "message") if detail.get(name))
    return detail if isinstance(detail, str) else json.dumps(detail, ensure_ascii=False)


class UnknownTransaction(Refused):
    """No such function name."""

    code = "UNKNOWN_TRANSACTION"


class Invalid(Refused):
    """The argument is malformed; `field` says where."""

    code = "INVALID"


class TooLarge(Refused):
    """An argument or a document is over its bound."""

    code = "TOO_LARGE"


class Clock(Refused):
    """The transaction's timestamp is off the peer's clock."""

    code = "CLOCK"


class Forbidden(Refused):
    """The caller's institution, role or seat does not allow it."""

    code = "FORBIDDEN"


class NotFound(Refused):
    """No such record."""

    code = "NOT_FOUND"


class Ambiguous(Refused):
    """An id prefix fits several records."""

    code = "AMBIGUOUS"


class Conflict(Refused):
    """Digests or versions are not what stands now, or it would change nothing; read again."""

    code = "CONFLICT"


class AlreadyVoted(Refused):
    """This person voted already, whatever the certificate."""

    code = "ALREADY_VOTED"


class OwnRequest(Refused):
    """The requester, a researcher of the request or their institution may not vote on it."""

    code = "OWN_REQUEST"


class Decided(Refused):
    """The request or grant is already decided, withdrawn or revoked."""

    code = "DECIDED"


class Expired(Refused):
    """The time for it has passed."""

    code = "EXPIRED"


class LimitExceeded(Refused):
    """More than the policy or the contract allows."""

    code = "LIMIT_EXCEEDED"


class PolicyDenies(Refused):
    """The policy does not permit the purpose, mode or recipient; `details` has all reasons."""

    code = "POLICY_DENIES"


class ReleaseDenied(Refused):
    """Nothing is released as it was asked for; `details` has all reasons."""

    code = "RELEASE_DENIED"


class PolicyUnmeetable(Refused):
    """No committee as it stands could ever meet the policy."""

    code = "POLICY_UNMEETABLE"


class PolicyContradicts(Refused):
    """Terms of the policy exclude or repeat each other, or nobody could use an alternative; `details` has all."""

    code = "POLICY_CONTRADICTS"


class PolicyNotNarrower(Refused):
    """The policy is to apply to existing grants and is not shown to narrow; `details` has all reasons."""

    code = "POLICY_NOT_NARROWER"


class UsageInfoDiffers(Refused):
    """The manifest's `usageInfo` is not what the policy says; `field` says where they differ."""

    code = "USAGE_INFO_DIFFERS"


class TermsNotAccepted(Refused):
    """The request does not name the hash of the policy's terms."""

    code = "TERMS_NOT_ACCEPTED"


class StageNotOpen(Refused):
    """The stage waits for those of earlier steps."""

    code = "STAGE_NOT_OPEN"


class AttestationMissing(Refused):
    """An approval in this stage carries an ethics board's approval, and this one does not."""

    code = "ATTESTATION_MISSING"


class Recused(Refused):
    """This person, or the member whose deputy it is, has declared a conflict of interest on this request."""

    code = "RECUSED"


class ConflictUndeclared(Refused):
    """The policy asks every vote to declare that there is no conflict of interest."""

    code = "CONFLICT_UNDECLARED"


class Returned(Refused):
    """The request was returned to its requester for changes, and nobody votes until it is amended."""

    code = "RETURNED"


class Unjustified(Refused):
    """The institution has a break-glass grant that is not justified yet; `details` names it."""

    code = "UNJUSTIFIED"


class TooSoon(Refused):
    """The next epoch of a cohort comes too early: changes are collected first, so that nobody's can be told."""

    code = "TOO_SOON"


class Forged(Refused):
    """A record that the decision rests on is not sealed by its owner; `details` names it."""

    code = "FORGED"


class LedgerAlarm(Refused):
    """An institution's watcher found something on the ledger, and its decisions are closed."""

    code = "LEDGER_ALARM"


class Internal(Refused):
    """A fault of the peer or the chaincode; nothing was written."""

    code = "INTERNAL"


BY_CODE: Mapping[str, type[Refused]] = {
    kind.code: kind
    for kind in (
        UnknownTransaction,
        Invalid,
        TooLarge,
        Clock,
        Forbidden,
        NotFound,
        Ambiguous,
        Conflict,
        AlreadyVoted,
        OwnRequest,
        Decided,
        Expired,
        LimitExceeded,
        PolicyDenies,
        ReleaseDenied,
        PolicyUnmeetable,
        PolicyContradicts,
        PolicyNotNarrower,
        UsageInfoDiffers,
        TermsNotAccepted,
        StageNotOpen,
        AttestationMissing,
        Recused,
        ConflictUndeclared,
        Returned,
        Unjustified,
        TooSoon,
        Forged,
        LedgerAlarm,
        Internal,
    )
}


class Unreachable(MedconsentError):  # noqa: N818
    """An institution that is needed did not answer, or answered with a fault.

    Nothing was written: trying again is safe.
    """

    code = "UNREACHABLE"


class Invalidated(MedconsentError):  # noqa: N818
    """The transaction was ordered and the peers found it invalid: it changed nothing. `validation_code` is Fabric's
    name for why.

    An `ENDORSEMENT_POLICY_FAILURE` names a broken or dishonest peer among the endorsers, or a race that was lost, as
    `MVCC_READ_CONFLICT` does; both are raised only after five proposals.
    """

    def __init__(self, message: str, *, validation_code: str, hint: str = "", transaction_id: str = "") -> None:
        super().__init__(message, hint=hint, transaction_id=transaction_id)
        self.code = self.validation_code = validation_code


class OutcomeUnknown(MedconsentError):  # noqa: N818
    """The transaction was sent and it is not known whether it was committed. It must not simply be sent again."""

    code = "OUTCOME_UNKNOWN"

    def __init__(self, message: str, *, transaction_id: str, words: Sequence[EndorserWord] = ()) -> None:
        super().__init__(
            message,
            words=words,
            hint=f"find out before repeating it: medconsent transaction status {transaction_id} "
            "(in a program: client.transactions.status)",
            transaction_id=transaction_id,
        )


class UnexpectedAnswer(MedconsentError):  # noqa: N818
    """What the peer answered does not have the shape of docs/contract.md: an older SDK, or a peer that runs another
    chaincode.
    """

    code = "UNEXPECTED_ANSWER"


class DocumentError(MedconsentError):
    """A document of the caller cannot be used; nothing was sent.

    Attributes:
        source: The document's file; empty for text.
        line: The line that is meant, from 1; 0 when not known.
        column: The column in it, from 1; 0 when not known.
        others: What else is wrong with it, each as `line:column: sentence`.
    """

    code = "DOCUMENT"
    others: tuple[str, ...] = ()

    def __init__(self, message: str, *, source: str = "", line: int = 0, column: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.source = source
        self.line = line
        self.column = column

    @property
    def diagnosis(self) -> Diagnosis:
        place = f"{self.source}:" if self.source else ""
        return replace(super().diagnosis, details=tuple(place + other for other in self.others))

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.source, self.line or "", self.column or "") if part)
        return f"{place}: {self.message}" if place else self.message


ANEW = (
    "A context of an earlier network is made anew, with the present connection profile and a secret from the "
    "registrar: medconsent identity enroll ID --profile FILE --replace"
)
"""What to do where a context is not of the network that answers."""

ENROL_AGAIN = (
    "ask the registrar for a new secret (medconsent identity secret ID), and enrol again: "
    "medconsent identity enroll ID --profile FILE --replace"
)
"""What to do where a certificate has ended."""


class ContextError(MedconsentError):
    """There is no usable identity to act with: no such context, or files missing from it."""

    code = "CONTEXT"


class AlreadyEnrolled(MedconsentError):  # noqa: N818
    """There is no new secret for somebody who has a certificate that is good; nothing was changed."""

    code = "ALREADY_ENROLLED"


class IdentityRevoked(MedconsentError):  # noqa: N818
    """There are no roles and no secret for somebody who was revoked; nothing was changed."""

    code = "IDENTITY_REVOKED"


class ReleaseError(MedconsentError):
    """Bytes of a dataset cannot be kept, given or taken; subclasses have codes of their own (`medconsent.release`)."""

    code = "RELEASE"


class DamagedCiphertext(ReleaseError):  # noqa: N818
    """A segment or a header is not what its key made: it was changed, cut, swapped, or is of another file."""

    code = "CIPHERTEXT_DAMAGED"


class ArchiveDiffers(ReleaseError):  # noqa: N818
    """The files are not those that stand on the ledger, or not those that were asked for."""

    code = "ARCHIVE_DIFFERS"


class DiskFull(ReleaseError):  # noqa: N818
    """There is no room left for what is to be written; what is there stays, and the next run goes on with it."""

    code = "DISK_FULL"


class HeaderRefused(ReleaseError):  # noqa: N818
    """The keyholder gives no header; `details` has all its reasons."""

    code = "HEADER_REFUSED"

    def __init__(self, message: str, *, details: Sequence[Any] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.details = tuple(details)

    @property
    def diagnosis(self) -> Diagnosis:
        return replace(super().diagnosis, details=self.details)


class NotSigned(ReleaseError):  # noqa: N818
    """A request to a release's server is not signed by who it says, or is not the request that was signed."""

    code = "NOT_SIGNED"


class ReleaseCut(ReleaseError):  # noqa: N818
    """A transfer was ended by the owner's institution before everything was sent: the grant permits it no longer."""

    code = "RELEASE_CUT"


def refusal(text: str, *, transaction_id: str = "", words: Sequence[EndorserWord] = ()) -> Refused | None:
    """The exception for a chaincode's message, or None when the message is not one of the contract's refusals.

    Args:
        text: The message of the chaincode response: one JSON object, as docs/contract.md says under "Refusal".
        transaction_id: The transaction that was refused; empty for a query.
        words: What each endorser said, where several were asked.
    """
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    if not isinstance(answer, dict) or not isinstance(answer.get("code"), str):
        return None
    details = answer.get("details")
    return BY_CODE.get(answer["code"], Refused)(
        str(answer.get("message", "")),
        field=str(answer.get("field") or ""),
        hint=str(answer.get("hint") or ""),
        details=details if isinstance(details, list) else (),
        transaction_id=transaction_id,
        words=words,
        code=answer["code"],
    )
