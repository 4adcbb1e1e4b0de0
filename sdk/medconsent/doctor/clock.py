"""This machine's clock, beside the CA's: the contract refuses what is dated more than five minutes off."""

from collections.abc import Iterator

from medconsent.doctor.findings import Finding, finding
from medconsent.doctor.patient import Patient

REFUSED = 300.0
"""Seconds off the peer's clock from which the contract refuses a transaction."""
_NOTED = 30.0
_MEND = "set this machine's clock, or have it set by a time service (NTP)"


def check(patient: Patient) -> Iterator[Finding]:
    """How far the clock is off."""
    if patient.context is None:
        return
    if patient.skew is None:
        mend = "where the CA is reached its clock is compared; the peer refuses by itself (CLOCK)"
        yield finding("clock", "unknown", "there is no other clock to compare with: the CA was not reached", mend)
        return
    off = abs(patient.skew)
    told = f"this machine's clock is {off:.0f} s {'behind' if patient.skew > 0 else 'ahead of'} the CA's"
    if off > REFUSED:
        yield finding("clock", "wrong", f"{told}: the contract refuses what is sent", _MEND)
    elif off > _NOTED:
        yield finding("clock", "warning", told, _MEND)
    else:
        yield finding("clock", "ok", "this machine's clock agrees with the CA's")
