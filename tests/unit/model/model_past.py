"""What stands on the channel and ever stood there, and the arguments that are made from it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from model_channel import Outcome
from model_observer import DATASET, OWNER, Observer
from model_sample import BASIS, COHORT, COMMITTEES, EPOCH, PURPOSES, TERMS, USES, Act, digest, statement
from model_values import DAY


@dataclass
class Past:
    observer: Observer = field(default_factory=Observer)
    past: dict[str, list[str]] = field(default_factory=dict)
    """What ever stood at each key, the newest last; empty where it was deleted."""
    written: dict[str, dict[str, str | None]] = field(default_factory=dict)
    """What each transaction wrote."""

    def wrote(self, outcome: Outcome) -> None:
        self.written[outcome.tx] = outcome.writes
        for key, value in outcome.writes.items():
            self.past.setdefault(key, []).append(value or "")

    def stands(self, key: str) -> str:
        return (self.past.get(key) or [""])[-1]

    def under(self, prefix: str) -> list[str]:
        return [key for key in self.past if key.startswith(prefix) and self.stands(key)]

    def record(self, key: str) -> Any:
        """What stands at a key; where nothing does, an empty record."""
        return json.loads(self.stands(key) or '{"body": {}}')

    def latest(self, prefix: str) -> str:
        """The digest of what stands under a prefix; where there are several, of the last that was made."""
        keys = self.under(prefix)
        return digest(self.stands(keys[-1])) if keys else digest("none")

    def owner(self, key: str) -> str:
        """Whose the record is that stood at a key last."""
        values = [value for value in self.past[key] if value.startswith("{")]
        return str(json.loads(values[-1])["owner"]) if values else ""

    def announced_keys(self, id: str) -> list[str]:
        """The keys that were announced in the name of somebody of the owner, whoever holds them."""
        return [str(self.record(key)["body"]["fingerprint"]) for key in self.under(f"person/{OWNER}/{id}/")]

    def powers(self) -> set[tuple[str, ...]]:
        """Who holds which office at the owner by which key, and which keys count for those who vote."""
        (record, *_) = [self.record(key)["body"] for key in self.under(f"institution/{OWNER}/")]
        held = {(o["id"], role, o["key"]) for o in record["officers"] for role in o["roles"]}
        people = [self.record(key) for key in self.under(f"person/{OWNER}/")]
        known = {(p["body"]["person"], p["body"]["fingerprint"]) for p in people if p["status"] == "active"}
        return held | {one for one in known if one[0] in {*COMMITTEES["hanbit/dac"], *COMMITTEES["hanbit/privacy"]}}

    def glass(self) -> list[str]:
        """Whatever was proposed or opened in an emergency."""
        return [key.partition("/")[2] for key in self.under("breakglass/")]

    # What people ask for and say, with what they read before.

    def ask_for(self, purpose: int, mode: str, days: int, people: Sequence[str], version: int = 1, **more: str) -> Act:
        """A request under the policy that stands."""
        chosen = self.observer.stands()
        argument = {
            "dataset": DATASET,
            "version": version,
            "version_digest": self.version_digest(version),
            "policy_version": chosen.number,
            "policy_digest": chosen.digest,
            "purpose": PURPOSES[purpose],
            "mode": mode,
            "duration_seconds": days * DAY,
            "project": "early signs",
            "researchers": list(people),
            **more,
        }
        if "terms" in chosen.body:
            argument["accepted_terms"] = TERMS["sha256"]
        return "request.submit", argument

    def version_digest(self, version: int) -> str:
        return self.latest(f"version/{DATASET}/{version:08}/")

    def vote(self, request: str, role: str, vote: str, **more: str) -> Act:
        shown = self.record(f"request/{request}")["body"]
        ballot = {
            "request": request,
            "vote": vote,
            "role": role,
            "request_digest": digest(self.stands(f"request/{request}")),
            "version_digest": shown.get("version_digest", digest("none")),
            "policy_digest": shown.get("policy_digest", digest("none")),
            **more,
        }
        return "request.vote", ballot if vote == "approve" else ballot | {"reason": "because"}

    def rest_on(self, *names: str, version: int = 1) -> Act:
        argument: dict[str, Any] = {"dataset": DATASET, "version": version}
        argument["version_digest"] = self.version_digest(version)
        argument["bases"] = [name for name in names if name == BASIS]
        argument["cohorts"] = [name for name in names if name == COHORT]
        return "ground.set", {key: value for key, value in argument.items() if value}

    def epochs(self) -> int:
        """How many epochs the cohort has had."""
        return len(self.observer.grounds.epochs[COHORT])

    def next_epoch(self, uses: int, withdrawn: bool = False) -> Act:
        number = self.epochs() + 1
        heads = [self.record(key)["body"] for key in self.under(f"cohort/{COHORT}/")]
        number = heads[-1]["latest_epoch"] + 1 if heads else number
        band = "under-20" if withdrawn else "none"
        return "consent.epoch", {"cohort": COHORT, "epoch": number, **EPOCH, "withdrawn": band, "use": USES[uses]}

    def leave_out(self, version: int, back: int = 0) -> Act:
        """The owner says that who withdrew is left out of a version, as of the newest epoch or an earlier one."""
        epoch = max(1, self.next_epoch(0)[1]["epoch"] - 1 - back)
        said = {"cohort": COHORT, "epoch": epoch, "dataset": DATASET, "version": version}
        return "consent.exclude", {**said, "exclusion_list": digest("list")}

    def de_identified(self, version: int, k: int) -> Act:
        said = {"dataset": DATASET, "version": version, "version_digest": self.version_digest(version)}
        return "deid.state", {**said, "statement": statement(k)}

    def break_glass(self, people: Sequence[str], purpose: int, mode: str, hours: int, version: int = 1) -> Act:
        return "breakglass.propose", {
            "dataset": DATASET,
            "version": version,
            "institution": "nuri",
            "people": list(people),
            "purpose": PURPOSES[purpose],
            "mode": mode,
            "duration_seconds": hours * 3600,
            "reason": "somebody is dying",
        }

    def confirm_glass(self, breakglass: str) -> Act:
        return "breakglass.confirm", {
            "breakglass": breakglass,
            "digest": digest(self.stands(f"breakglass/{breakglass}")),
        }
