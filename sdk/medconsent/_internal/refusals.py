"""From what Fabric reports to the errors of `medconsent.errors`: pure functions."""

from datetime import UTC, datetime

from medconsent.errors import (
    ANEW,
    ENROL_AGAIN,
    Clock,
    ContextError,
    EndorserWord,
    Invalidated,
    MedconsentError,
    OutcomeUnknown,
    Unreachable,
    refusal,
)
from medconsent.fabric.errors import BlockTimeoutError, CertificateEnded, CommitError, EvaluateError, GatewayError
from medconsent.fabric.identity import Identity
from medconsent.times import format_time

_CHAINCODE_RESPONSE = "chaincode response "
_MISMATCH = "ProposalResponsePayloads do not match"
_NO_CHAINCODE = "could not launch chaincode"
_CLOCK = "incorrect timestamp"  # a peer of Fabric 3, more than 15 minutes off, before the contract is asked
_DENIED = ("access denied: channel", "creator org unknown")  # core/endorser/msgvalidation.go: not a valid identity
_OTHER_ROOT = ("CERTIFICATE_VERIFY_FAILED", "Hostname Verification Check failed")  # gRPC's words
_EXPIRED = "certificate has expired"
_NO_ENDORSERS = "failed to find any endorsing peers for org(s): "


def words_of(error: GatewayError) -> tuple[EndorserWord, ...]:
    """Each endorser's word, as far as the Gateway passed it on."""
    words = []
    for detail in error.details:
        answer = _chaincode_answer(detail.message)
        refused = refusal(answer) if answer else None
        words.append(
            EndorserWord(
                institution=detail.msp_id,
                address=detail.address,
                message=refused.message if refused else detail.message,
                code=refused.code if refused else None,
            )
        )
    return tuple(words)


def failing_institutions(error: GatewayError) -> frozenset[str]:
    """The institutions whose peers did not endorse: those that the Gateway quotes, or that it has no peer of."""
    named = {detail.msp_id for detail in error.details}
    _, found, missing = error.message.partition(_NO_ENDORSERS)
    return frozenset(named | ({name.strip() for name in missing.split(",")} if found else set()))


def refused_by(error: GatewayError) -> frozenset[str]:
    """The institutions at which the chaincode itself refused, or whose result differs from the others'."""
    return frozenset(
        detail.msp_id for detail in error.details if _chaincode_answer(detail.message) or _MISMATCH in detail.message
    )


def translate(error: GatewayError, own: str, identity: Identity | None = None) -> MedconsentError:
    """The noun layer's error; `identity` is the caller's: a peer does not say that a certificate has ended.

    When institutions give different refusals, that of `own` is the one raised; all are quoted.
    """
    words = words_of(error)
    if isinstance(error, CommitError):
        return _invalidated(error)
    if error.outcome in ("unknown", "not-told"):
        return OutcomeUnknown(
            f"the transaction was sent, and it is not known whether it was committed: {error.message}",
            transaction_id=error.transaction_id,
            words=words,
        )
    # A query is in no block: the id of its proposal leads nowhere.
    transaction_id = "" if isinstance(error, EvaluateError) else error.transaction_id
    details = sorted(error.details, key=lambda detail: detail.msp_id != own)
    for text in (*(detail.message for detail in details), error.message):
        refused = refusal(_chaincode_answer(text), transaction_id=transaction_id, words=words)
        if refused:
            return refused
        if _CLOCK in text:
            return Clock(
                f"the transaction is dated too far off the peer's clock: {text}",
                hint="set the clock of the computer that made the transaction, and try again",
                transaction_id=transaction_id,
                words=words,
            )
    if _denied(error, own):
        return _not_taken(own, identity, words)
    return _unreachable(error, words, transaction_id)


def behind(error: BlockTimeoutError) -> Unreachable:
    """The noun layer's error where a block has not come to one's own peer."""
    return Unreachable(
        f"{error.message}; nothing was asked after that",
        hint="is that the number of a block that somebody's answer named? Then the peer is behind: wait longer "
        "(--timeout SECONDS); how far it is: medconsent doctor",
    )


def _not_taken(own: str, identity: Identity | None, words: tuple[EndorserWord, ...]) -> ContextError:
    """The peer does not say why it does not take an identity; when the certificate has ended, that is why."""
    if identity is not None and identity.expires <= datetime.now(UTC):
        when = format_time(identity.expires)
        return ContextError(
            f"the certificate of this identity has ended at {when}, and no peer takes it any more; nothing was written",
            hint=ENROL_AGAIN,
            words=words,
        )
    return ContextError(
        f"the peer of {own} does not take the identity for one of its institution; nothing was written",
        hint="the certificate was revoked, or another CA issued it: medconsent context show tells. " + ANEW,
        words=words,
    )


def _denied(error: GatewayError, own: str) -> bool:
    """Whether the peer of `own` refused the caller's certificate or signature; another's word says less."""
    if isinstance(error.__cause__, CertificateEnded):
        return True
    said = [detail.message for detail in error.details if detail.msp_id in (own, "")] or [error.message]
    return any(sentence in text for text in said for sentence in _DENIED)


def _chaincode_answer(text: str) -> str:
    """What the chaincode said, out of `… chaincode response 500, {…}`; empty when a peer or the network said it."""
    _, found, tail = text.partition(_CHAINCODE_RESPONSE)
    status, comma, answer = tail.partition(", ")
    return answer if found and comma and status.isdigit() else ""


def _invalidated(error: CommitError) -> Invalidated:
    hint = "it may be proposed anew"
    if error.conflict:
        hint = "somebody else changed the same records each time: read them again and decide again"
    elif error.code == "ENDORSEMENT_POLICY_FAILURE":
        hint = (
            "the owner's institution must be among the endorsers; a peer that runs an altered chaincode, "
            "or a policy of the channel that changed, also ends so"
        )
    return Invalidated(
        f"the transaction was ordered and found invalid ({error.code}); it changed nothing",
        validation_code=error.code,
        hint=hint,
        transaction_id=error.transaction_id,
    )


def _unreachable(error: GatewayError, words: tuple[EndorserWord, ...], transaction_id: str) -> Unreachable:
    missing = failing_institutions(error)
    if error.unreachable and not missing and _EXPIRED in error.message:
        return Unreachable(
            f"the TLS certificate of the peer of your institution has ended; nothing was sent: {error.message}",
            hint="ask the operator to renew it: medconsent-network renew. `medconsent doctor` says when it ended",
            transaction_id=transaction_id,
        )
    if error.unreachable and not missing and any(words in error.message for words in _OTHER_ROOT):
        return Unreachable(
            "who answers at the peer's address has a certificate that the context's TLS root does not vouch for; "
            f"nothing was sent: {error.message}",
            hint=ANEW,
            transaction_id=transaction_id,
        )
    if error.unreachable and not missing:
        return Unreachable(
            f"the peer of your institution was not reached, and nothing was committed: {error.message}",
            hint="is the peer running, and do the context's address and TLS root fit? See: medconsent context show",
            transaction_id=transaction_id,
        )
    if any(_MISMATCH in word.message for word in words):
        return Unreachable(
            "the institutions' peers came to different results, and nothing was committed",
            hint="a peer may be behind, or run another chaincode: compare heights and versions, then try again",
            transaction_id=transaction_id,
            words=words,
        )
    who = ", ".join(sorted(missing)) or "the peer"
    if words and all(_NO_CHAINCODE in word.message for word in words):
        return Unreachable(
            f"the peer of {who} runs, and its chaincode does not; nothing was committed",
            hint="trying again is safe; ask that institution to start its chaincode",
            transaction_id=transaction_id,
            words=words,
        )
    return Unreachable(
        f"{who} did not answer, and nothing was committed: {error.message}",
        hint="trying again is safe; ask that institution whether its peer and chaincode are running",
        transaction_id=transaction_id,
        words=words,
    )
