"""How the nouns ask and change: which peers, how often, and what the failures mean.

- A question goes to a peer of one's own institution, and to nobody else: another's could answer anything.
- A change names its endorsers (`medconsent._internal.endorsers`). What is known not to be committed may be
  proposed anew, and is, a bounded number of times; what may be committed never is.
- Who need not endorse a change holds it up for two seconds at most, when another institution can in its place.
- After a change the block that holds it is remembered, and later questions wait until the peer they go to has it.
"""

import json
import random
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from grpc import StatusCode

from medconsent._internal.endorsers import Endorsers
from medconsent._internal.refusals import behind, failing_institutions, refused_by, translate
from medconsent.errors import DocumentError, UnexpectedAnswer
from medconsent.fabric.channel import Channel
from medconsent.fabric.commit import Submitted
from medconsent.fabric.contract import Contract
from medconsent.fabric.errors import BlockTimeoutError, CommitError, EndorseError, GatewayError
from medconsent.fabric.flow import Flow, Pause
from medconsent.fabric.identity import Identity

PROPOSALS = 5
"""How often a change that lost a race, or on which the peers disagree, is proposed at most."""

_HEDGE_SECONDS = 2.0
"""How long endorsers have, for as long as there are others: an endorsement takes a few hundredths of a second."""
_AVOID_SECONDS = 30.0
"""How long whoever did not answer in that time is not asked when somebody else can be."""

_FIRST_PAUSE = 0.1  # seconds; doubled each time, and spread by up to half so that two losers do not meet again


class Session:
    """One identity at one institution's Gateway peer. All methods are flows."""

    def __init__(
        self, channel: Channel[Any], contract: Contract[Any], identity: Identity, folder: Path | None = None
    ) -> None:
        """
        Args:
            channel: The channel.
            contract: The contract in it.
            identity: Who asks.
            folder: Where the identity is kept, with its other keys; None: nowhere on disk.
        """
        self.channel = channel
        self.contract = contract
        self.identity = identity
        self.folder = folder
        self._organizations: tuple[str, ...] = ()
        self._held = 0  # the highest block that our peer is known to hold
        self._wanted = 0  # the block that it must hold before it is asked
        self._turns = 0  # how often another of several peers had taken its place then
        self._slow: dict[str, float] = {}  # institutions that did not answer, and until when they are not asked

    @property
    def institution(self) -> str:
        """The caller's institution: its MSP id."""
        return self.identity.msp_id

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles in the caller's certificate (attribute `medconsent.roles`)."""
        attribute = self.identity.attributes.get("medconsent.roles", "")
        return tuple(role for role in attribute.split(",") if role)

    def want_block(self, number: int) -> None:
        """Let every later question wait until our peer holds this block."""
        self._wanted = max(self._wanted, number)

    def ask(self, function: str, argument: Mapping[str, Any]) -> Flow[dict[str, Any]]:
        """The answer to a query, from our own institution's peer."""
        yield from self.catch_up()
        try:
            answer = yield from Contract.evaluate.flow(
                self.contract, function, _encode(argument), target_organizations=(self.institution,)
            )
        except GatewayError as error:
            raise translate(error, self.institution, self.identity) from error
        return _decode(answer, function)

    def change(
        self,
        function: str,
        argument: Mapping[str, Any],
        sealed_by: Sequence[str],
        *,
        avoid: Collection[str] = (),
        alone: bool = False,
        waits: bool = False,
        transient: Mapping[str, bytes] | None = None,
    ) -> Flow[tuple[dict[str, Any], Submitted]]:
        """The answer to a transaction, and where it is committed; `transient` reaches the endorsers and no ledger.

        What `waits` for a second officer is written down as a proposal, which needs a majority also where those who
        seal the act itself would be enough (`alone`).
        """
        payload = _encode(argument)
        organizations = () if alone else (yield from self.organizations())
        avoid = {*avoid, *(name for name, end in self._slow.items() if time.monotonic() < end)}
        endorsers = Endorsers.choose(sealed_by, organizations, own=self.institution, avoid=avoid, alone=alone)
        proposals = 0
        while True:
            proposals += 1
            try:
                submitted: Submitted = yield from Contract.submit.flow(
                    self._hedged() if endorsers.replaceable else self.contract,
                    function,
                    payload,
                    endorsing_organizations=endorsers.chosen,
                    transient=transient,
                )
            except EndorseError as error:
                if error.status is StatusCode.DEADLINE_EXCEEDED and endorsers.replaceable:
                    end = time.monotonic() + _AVOID_SECONDS
                    self._slow.update(dict.fromkeys(endorsers.hurry(self.institution), end))
                    proposals -= 1
                    continue
                failing = failing_institutions(error)
                # Some endorsed and others refused: the latter are behind, or one of them is not honest. Nothing was
                # sent.
                disagree = bool(refused_by(error)) and not failing.issuperset(endorsers.chosen)
                # Refused by all is an answer. A fault is one only when nobody else can be asked.
                replaced = (disagree or not refused_by(error)) and endorsers.replace(failing)
                if not replaced and not (disagree and proposals < PROPOSALS):
                    raise translate(error, self.institution, self.identity) from error
                if disagree:
                    yield _pause(proposals)
            except CommitError as error:
                if not _overtaken(error) or proposals >= PROPOSALS:
                    raise translate(error, self.institution, self.identity) from error
                members = yield from self._members_since(error)
                if (alone and waits) or (members and not alone and members != organizations):
                    alone, organizations = False, members or (yield from self.organizations())
                    endorsers = Endorsers.choose(sealed_by, organizations, own=self.institution, avoid=avoid)
                yield _pause(proposals)
            except GatewayError as error:
                raise translate(error, self.institution, self.identity) from error
            else:
                self._wanted = max(self._wanted, submitted.block_number)
                if submitted.seen:
                    self._held = max(self._held, submitted.block_number)
                return _decode(submitted.result, function), submitted

    def _hedged(self) -> Contract[Any]:
        """The contract, with little time for those who endorse."""
        one = self.contract
        times = replace(one.timeouts, endorse=min(one.timeouts.endorse, _HEDGE_SECONDS))
        return Contract(
            one._driver, one.identity, one.signer, one.channel_name, one.chaincode, timeouts=times, name=one.name
        )

    def organizations(self) -> Flow[tuple[str, ...]]:
        """The channel's application organizations, read once."""
        if not self._organizations:
            try:
                self._organizations = tuple((yield from Channel.application_organizations.flow(self.channel)))
            except GatewayError as error:
                raise translate(error, self.institution, self.identity) from error
        return self._organizations

    def _members_since(self, error: CommitError) -> Flow[tuple[str, ...]]:
        """The organizations read anew, after a failure that an institution that joined can be the reason of: a majority
        is more then. Empty after any other.
        """
        if error.code != "ENDORSEMENT_POLICY_FAILURE":
            return ()
        self._organizations = ()
        return (yield from self.organizations())

    @property
    def behind(self) -> int:
        """The number of the block that our peer was not seen to hold yet, and has to; 0 when there is none."""
        return self._wanted if self._wanted > self._held else 0

    def catch_up(self, timeout: float | None = None) -> Flow[None]:
        """Wait until our peer holds the block that was asked for: so many seconds, unless given as for an answer."""
        if self._turns != (turns := self.channel._driver.turns):
            self._held, self._turns = 0, turns  # another peer may be behind
        if self._wanted > self._held:
            longest = self.channel.timeouts.evaluate if timeout is None else timeout
            try:
                yield from Channel.wait_for_block.flow(self.channel, self._wanted, longest)
            except BlockTimeoutError as error:
                raise behind(error) from error
            except GatewayError as error:
                raise translate(error, self.institution, self.identity) from error
            self._held = self._wanted


def _overtaken(error: CommitError) -> bool:
    """Whether another transaction may have been first: it changed what was read, or has written the next state of a
    record, which is locked then, so that Fabric says that the policy of its seal's key is not met.
    """
    return error.conflict or error.code == "ENDORSEMENT_POLICY_FAILURE"


def _pause(attempt: int) -> Pause:
    return Pause(_FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.0))  # noqa: S311 - not a secret


def _encode(argument: Mapping[str, Any]) -> bytes:
    present = {name: member for name, member in argument.items() if member is not None}
    try:
        return json.dumps(present, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except UnicodeEncodeError as error:
        raise DocumentError(
            f"the text {error.object[error.start : error.end]!r} is not Unicode and cannot be sent"
        ) from error


def _decode(answer: bytes, function: str) -> dict[str, Any]:
    try:
        decoded = json.loads(answer)
    except ValueError as error:
        raise UnexpectedAnswer(f"the answer to {function} is not JSON: {error}") from error
    if not isinstance(decoded, dict):
        raise UnexpectedAnswer(f"the answer to {function} is not a JSON object")
    return decoded
