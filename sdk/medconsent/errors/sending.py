"""What can become of a transaction besides a refusal, and of a question."""

from collections.abc import Sequence

from medconsent.errors.told import EndorserWord, MedconsentError


class StillWaiting(MedconsentError):  # noqa: N818 - nothing failed
    """What one did widens something: it was written down as a proposal, and waits for a second officer."""

    code = "WAITS_FOR_SECOND"

    def __init__(self, proposal: str, widens: Sequence[str], transaction_id: str) -> None:
        super().__init__(
            f"it waits for a second officer as proposal {proposal[:12]}: {'; '.join(widens)}",
            hint=f"another officer of your institution confirms it (proposals.confirm {proposal[:12]})",
            transaction_id=transaction_id,
        )


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
