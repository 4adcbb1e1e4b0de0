"""What the contract refuses with: a class for each code of docs/contract.md, and which one a message stands for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from medconsent.errors.told import Diagnosis, EndorserWord, MedconsentError


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
