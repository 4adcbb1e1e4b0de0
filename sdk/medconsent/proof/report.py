"""What an auditor is told: what was checked, what was found, and who was permitted what."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from medconsent.proof.configurations import Configuration

MEANINGS = {
    "OTHER_CHANNEL": "the blocks do not begin with the first block that was given",
    "CHAIN_BROKEN": "a block does not follow from the one before, or is not what its header says",
    "BLOCK_UNSIGNED": "a block carries no valid signature of the ordering service",
    "UNREADABLE": "a block, or a configuration, cannot be read",
    "CONFIG_NOT_AGREED": "the configuration was changed without the signatures that the change needs",
    "CONFIG_HIDDEN": "the ordering service says that the configuration of another block is in force",
    "TAKEN_WRONGLY": "a transaction that the blocks call valid, and that the channel's rules do not let be",
    "REFUSED_WRONGLY": "a transaction that the blocks call invalid, and with which nothing is wrong: it was left out",
    "NOT_BY_CONTRACT": "a valid transaction that this contract would not have written",
}
"""What each finding means; docs/audit.md has it."""


@dataclass(frozen=True)
class Found:
    """One thing that is not as it should be; `code` is in `MEANINGS`."""

    code: str
    sentence: str
    block: int
    transaction: str = ""

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "code": self.code,
            "sentence": self.sentence,
            "block": self.block,
            "transaction": self.transaction,
        }


@dataclass(frozen=True)
class Permitted:
    """A grant, as the contract's program judges it over the replayed ledger.

    Attributes:
        block: Where it was made, and `transaction`, `at` (UTC) and `function` with it.
        record: The grant's record as it was made.
        votes: The records of the votes that it rests on.
        checks: What `check` answered for each of its people for the moment at which it begins.
        standing: What `grant.get` answers at the end of the blocks; nothing where it refuses.
        refusal: Why it does.
    """

    block: int
    transaction: str
    at: str
    function: str
    record: Mapping[str, Any]
    votes: tuple[Mapping[str, Any], ...]
    checks: tuple[Mapping[str, Any], ...]
    standing: Mapping[str, Any]
    refusal: Mapping[str, Any]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Permitted":
        """Out of what the program says."""
        return cls(
            int(told["block"]),
            str(told["transaction"]),
            str(told["at"]),
            str(told["function"]),
            told["record"],
            tuple(told["votes"]),
            tuple(told["checks"]),
            told.get("standing") or {},
            told.get("refusal") or {},
        )

    @property
    def id(self) -> str:
        """The grant's id."""
        return str(self.record.get("id", ""))

    @property
    def dataset(self) -> str:
        """The dataset with its version, as `hanbit/breast-cancer@1`."""
        return f"{self._body.get('dataset')}@{self._body.get('version')}"

    @property
    def people(self) -> tuple[str, ...]:
        """Who may, as `nuri/kim`."""
        return tuple(f"{self._body.get('institution')}/{one}" for one in self._list("grantees"))

    @property
    def by(self) -> tuple[str, ...]:
        """Who approved, as `hanbit/d-1 (dac)`; of a break-glass grant, who made it."""
        if self.votes:
            return tuple(_voter(vote) for vote in self.votes)
        changes = self.record.get("changes") or [{}]
        by = changes[0].get("by", {})
        return (f"{by.get('institution')}/{by.get('id')}",)

    @property
    def mode(self) -> str:
        """How the data may be used, as `download`."""
        return str(self._body.get("mode", ""))

    @property
    def decisions(self) -> tuple[str, ...]:
        """What `check` decided for each of the people: `permit`, `deny` or `review`; the code of a refusal."""
        return tuple(str(one.get("decision") or one.get("code")) for one in self.checks)

    @property
    def forged(self) -> bool:
        """Whether the contract says that it counts for nothing."""
        return not self.standing

    @property
    def state(self) -> str:
        """The grant's state at the end of the blocks, as `revoked`; `forged` when it counts for nothing."""
        return "forged" if self.forged else str(self.standing.get("state", ""))

    @property
    def ended(self) -> str:
        """Who ended it when, in words; empty when nobody did."""
        record = self.standing.get("grant", {}).get("record", {})
        last = (record.get("changes") or [{}])[-1]
        if record.get("revision", 1) == 1:
            return ""
        by = last.get("by", {})
        return f"{last.get('action')} by {by.get('institution')}/{by.get('id')} at {last.get('at')}"

    @property
    def _body(self) -> Mapping[str, Any]:
        body = self.record.get("body")
        return body if isinstance(body, dict) else {}

    def _list(self, name: str) -> list[Any]:
        found = self._body.get(name)
        return found if isinstance(found, list) else []

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "grant": self.id,
            "dataset": self.dataset,
            "people": list(self.people),
            "purpose": self._body.get("purpose"),
            "mode": self._body.get("mode"),
            "from": self._body.get("from"),
            "until": self._body.get("until"),
            "by": list(self.by),
            "at": self.at,
            "block": self.block,
            "transaction": self.transaction,
            "function": self.function,
            "checks": [dict(one) for one in self.checks],
            "state": self.state,
            "why": self.standing.get("why", "") if self.standing else self.refusal.get("message", ""),
            "ended": self.ended,
            "record": dict(self.record),
        }


def _voter(vote: Mapping[str, Any]) -> str:
    body = vote.get("body", {})
    voter = body.get("voter", {})
    name = f"{voter.get('institution')}/{voter.get('id')}" if isinstance(voter, dict) else str(voter)
    return f"{name} ({body.get('role')})"


@dataclass
class Report:
    """What was checked and found.

    Attributes:
        channel: The channel's name.
        first: The hash of its first block, hex.
        blocks: How many blocks there were, and `last` the hash of the last.
        counts: How many of what was looked at.
        findings: What is not as it should be.
        configurations: The history of the configuration.
        permitted: Every grant.
        contract: The digest of the contract whose program ran, and `version` its version; empty when none did.
    """

    channel: str = ""
    first: str = ""
    last: str = ""
    blocks: int = 0
    until: str = ""
    contract: str = ""
    version: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Found] = field(default_factory=list)
    configurations: list[Configuration] = field(default_factory=list)
    permitted: list[Permitted] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def checked(self) -> Iterator[str]:
        """What was checked, and what was not, in sentences."""
        count = self.counts
        yield f"{self.blocks} blocks of {self.channel}: hash chain, data hashes, the ordering service's signatures"
        yield f"{len(self.configurations)} changes of the configuration: who signed them, and whether that was enough"
        yield (
            f"{count['transactions']} transactions: creators' and endorsers' signatures ({count['signatures']}), by the"
            " certificates of the channel's members then"
        )
        if not self.contract:
            yield "NOT checked: the contract's program was not run, so no endorsement policy, no write and no decision"
            return
        yield (
            f"{count['valid']} valid and {count['invalid']} invalid ones judged again: endorsement policies of"
            " chaincode, keys and collections (seals), and whether what they had read was still so"
        )
        yield f"{count['again']} written again by the contract {self.version}, to the byte"
        if count["private"]:
            yield f"NOT checked: {count['private']} that keep private texts: what was sent with them is in no block"
        if count["unjudged"]:
            yield f"NOT checked: why {count['unjudged']} invalid ones were refused (certificates' dates, revocations)"
        yield f"{len(self.permitted)} grants, each decided again at the time when it begins, and at {self.until}"

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "channel": self.channel,
            "blocks": self.blocks,
            "first_block": self.first,
            "last_block": self.last,
            "until": self.until,
            "contract": self.contract,
            "version": self.version,
            "checked": list(self.checked()),
            "counts": dict(sorted(self.counts.items())),
            "findings": [one.to_json() for one in self.findings],
            "configurations": [one.to_json() for one in self.configurations],
            "permitted": [one.to_json() for one in self.permitted],
            "clean": self.clean,
        }
