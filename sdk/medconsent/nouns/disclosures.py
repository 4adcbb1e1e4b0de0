"""What was released of a dataset or under a grant, with what it rests on: what exports for others are made from."""

from dataclasses import dataclass

from medconsent._internal.codec import Value
from medconsent.nouns.consents import ConsentView
from medconsent.values.grants import GrantView
from medconsent.values.records import ForgedRecord
from medconsent.values.releases import ReceiptView


@dataclass(frozen=True)
class Disclosures(Value):
    """What was released.

    Attributes:
        receipts: What left in the time that was asked for, oldest first.
        grants: The grants, each in its state at the moment of the question, oldest first.
        consents: The epochs of consent that the receipts name, and the newest one of each cohort that the versions rest
            on.
        forged: What was found forged among them: it counts for nothing.
    """

    receipts: tuple[ReceiptView, ...]
    grants: tuple[GrantView, ...]
    consents: tuple[ConsentView, ...] = ()
    forged: tuple[ForgedRecord, ...] = ()
