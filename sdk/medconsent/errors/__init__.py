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

from medconsent.errors.brought import (
    ANEW,
    ENROL_AGAIN,
    AlreadyEnrolled,
    ContextError,
    DocumentError,
    IdentityRevoked,
)
from medconsent.errors.refusals import (
    BY_CODE,
    AlreadyVoted,
    Ambiguous,
    AttestationMissing,
    Clock,
    Conflict,
    ConflictUndeclared,
    Decided,
    Expired,
    Forbidden,
    Forged,
    Internal,
    Invalid,
    LedgerAlarm,
    LimitExceeded,
    NotFound,
    OwnRequest,
    PolicyContradicts,
    PolicyDenies,
    PolicyNotNarrower,
    PolicyUnmeetable,
    Recused,
    Refused,
    ReleaseDenied,
    Returned,
    StageNotOpen,
    TermsNotAccepted,
    TooLarge,
    TooSoon,
    Unjustified,
    UnknownTransaction,
    UsageInfoDiffers,
    refusal,
)
from medconsent.errors.release import (
    ArchiveDiffers,
    DamagedCiphertext,
    DiskFull,
    HeaderRefused,
    NotSigned,
    ReleaseCut,
    ReleaseError,
)
from medconsent.errors.sending import (
    Invalidated,
    OutcomeUnknown,
    StillWaiting,
    UnexpectedAnswer,
    Unreachable,
)
from medconsent.errors.told import (
    Diagnosis,
    EndorserWord,
    MedconsentError,
)

__all__ = [
    "ANEW",
    "BY_CODE",
    "ENROL_AGAIN",
    "AlreadyEnrolled",
    "AlreadyVoted",
    "Ambiguous",
    "ArchiveDiffers",
    "AttestationMissing",
    "Clock",
    "Conflict",
    "ConflictUndeclared",
    "ContextError",
    "DamagedCiphertext",
    "Decided",
    "Diagnosis",
    "DiskFull",
    "DocumentError",
    "EndorserWord",
    "Expired",
    "Forbidden",
    "Forged",
    "HeaderRefused",
    "IdentityRevoked",
    "Internal",
    "Invalid",
    "Invalidated",
    "LedgerAlarm",
    "LimitExceeded",
    "MedconsentError",
    "NotFound",
    "NotSigned",
    "OutcomeUnknown",
    "OwnRequest",
    "PolicyContradicts",
    "PolicyDenies",
    "PolicyNotNarrower",
    "PolicyUnmeetable",
    "Recused",
    "Refused",
    "ReleaseCut",
    "ReleaseDenied",
    "ReleaseError",
    "Returned",
    "StageNotOpen",
    "StillWaiting",
    "TermsNotAccepted",
    "TooLarge",
    "TooSoon",
    "UnexpectedAnswer",
    "Unjustified",
    "UnknownTransaction",
    "Unreachable",
    "UsageInfoDiffers",
    "refusal",
]
