"""What can go wrong, and what to do about it.

    MedconsentError
    ├── Refused             the contract said no: one subclass for each code of docs/contract.md; nothing was written
    ├── Unreachable         an institution that is needed did not answer; nothing was written
    ├── Invalidated         ordered, and found invalid by the peers; nothing was written
    ├── OutcomeUnknown      sent, and not known whether it was committed; how to find out is in `diagnostics()`
    ├── UnexpectedAnswer    what a peer answered is not what docs/contract.md says
    ├── DocumentError       a file of the caller (policy, manifest) cannot be read; nothing was sent
    └── ContextError        no identity to act with: see `medconsent.contexts`

`diagnostics()` tells a person what happened and the next step; the command line prints it and adds nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
        said = f"{self.code}: {self.message}" if self.code else self.message
        return f"{self.institution or '(unknown institution)'} at {self.address or '(unknown address)'}: {said}"


class MedconsentError(Exception):
    """Base of every error that the nouns raise.

    `message` is one sentence, `hint` the next step (may be empty), `transaction_id` is empty when no transaction was
    made.
    """

    def __init__(
        self, message: str, *, hint: str = "", transaction_id: str = "", words: Sequence[EndorserWord] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.transaction_id = transaction_id
        self.words = tuple(words)

    def diagnostics(self) -> str:
        """Several lines of plain text: what happened, where, each endorser's word and what to do."""
        lines = [self._headline(), *self._where()]
        if self.hint:
            lines.append(f"hint: {self.hint}")
        lines += [f"  {word}" for word in self.words]
        if self.transaction_id:
            lines.append(f"transaction: {self.transaction_id}")
        return "\n".join(lines)

    def _headline(self) -> str:
        return self.message

    def _where(self) -> list[str]:
        return []


class Refused(MedconsentError):  # noqa: N818 - the name says who acted: the contract refused
    """The contract refused; nothing was written. Subclasses stand for the codes of docs/contract.md.

    `field` is the path of the member of the argument that is meant (may be empty); `details` is what the contract
    adds, such as all reasons of a denial. A code that this version does not know is a plain `Refused`.
    """

    code: str = ""

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

    def _headline(self) -> str:
        return f"{self.code}: {self.message}"

    def _where(self) -> list[str]:
        lines = [f"field: {self.field}"] if self.field else []
        return lines + [f"  - {_detail(detail)}" for detail in self.details]

    def diagnostics(self) -> str:
        # Endorsers that all said the same have been heard once; only a disagreement is news.
        if len({(word.code, word.message) for word in self.words}) <= 1:
            words, self.words = self.words, ()
            try:
                return super().diagnostics()
            finally:
                self.words = words
        return super().diagnostics()


def _detail(detail: Any) -> str:
    if isinstance(detail, Mapping) and isinstance(detail.get("message"), str):
        return f"{detail['code']}: {detail['message']}" if "code" in detail else str(detail["message"])
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
    """Digests or versions are not what stands now; read again."""

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


class Invalidated(MedconsentError):  # noqa: N818
    """The transaction was ordered and the peers found it invalid: it changed nothing. `validation_code` is Fabric's
    name for why.

    An `ENDORSEMENT_POLICY_FAILURE` names a broken or dishonest peer among the endorsers; `MVCC_READ_CONFLICT` is
    raised only after five proposals each lost the race against somebody else's change.
    """

    def __init__(self, message: str, *, validation_code: str, hint: str = "", transaction_id: str = "") -> None:
        super().__init__(message, hint=hint, transaction_id=transaction_id)
        self.validation_code = validation_code


class OutcomeUnknown(MedconsentError):  # noqa: N818
    """The transaction was sent and it is not known whether it was committed. It must not simply be sent again."""

    def __init__(self, message: str, *, transaction_id: str, words: Sequence[EndorserWord] = ()) -> None:
        super().__init__(
            message,
            words=words,
            hint=f"find out before repeating: client.transactions.status('{transaction_id}'), "
            f"or: medconsent transaction status {transaction_id}",
            transaction_id=transaction_id,
        )


class UnexpectedAnswer(MedconsentError):  # noqa: N818
    """What the peer answered does not have the shape of docs/contract.md: an older SDK, or a peer that runs another
    chaincode.
    """


class DocumentError(MedconsentError):
    """A document of the caller cannot be used; nothing was sent.

    `line` and `column` count from 1, and are 0 when not known.
    """

    def __init__(self, message: str, *, source: str = "", line: int = 0, column: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.source = source
        self.line = line
        self.column = column

    def _headline(self) -> str:
        place = ":".join(str(part) for part in (self.source, self.line or "", self.column or "") if part)
        return f"{place}: {self.message}" if place else self.message

    def __str__(self) -> str:
        return self._headline()


class ContextError(MedconsentError):
    """There is no usable identity to act with: no such context, or files missing from it."""


def refusal(text: str, *, transaction_id: str = "", words: Sequence[EndorserWord] = ()) -> Refused | None:
    """The exception for a chaincode's message, or None when the message is not one of the contract's refusals.

    `text` is the message of the chaincode response: one JSON object, as docs/contract.md says under "Refusal".
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
