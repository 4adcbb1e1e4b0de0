"""The exit codes of the program: one meaning each, documented in `medconsent --help` and docs/cli.md."""

from enum import IntEnum


class Exit(IntEnum):
    """Why the program ended."""

    DONE = 0
    FAULT = 1
    USAGE = 2
    DENY = 3
    REVIEW = 4
    REFUSED = 5
    UNREACHABLE = 6
    UNKNOWN = 7
    DIFFERS = 8
    ALARM = 9
    UNWELL = 10


MEANINGS = {
    Exit.DONE: "done; for check and explain: permit",
    Exit.FAULT: "an unexpected fault of the program (a traceback with MEDCONSENT_DEBUG=1)",
    Exit.USAGE: "wrong usage: an option, a file or the context; nothing was sent",
    Exit.DENY: "check and explain: deny",
    Exit.REVIEW: "check and explain: a person has to decide",
    Exit.REFUSED: "refused by the contract, the network or the CA (the code is shown); nothing changed",
    Exit.UNREACHABLE: "unreachable; nothing was committed",
    Exit.UNKNOWN: "not known whether committed; ask with `medconsent transaction status TXID`. Or committed, but a "
    "private text was not kept. Do not repeat the change",
    Exit.DIFFERS: "verification failed: files differ from what is on the ledger",
    Exit.ALARM: "the institution's decisions are closed: its watcher found something, or its ledger is too old",
    Exit.UNWELL: "doctor: something is wrong with the set-up",
}

OF_DECISION = {"permit": Exit.DONE, "deny": Exit.DENY, "review": Exit.REVIEW}
"""The exit code of a decision."""
