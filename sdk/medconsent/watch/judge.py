"""The judge: one block after the other, against what was pinned. It does no I/O: anybody can run it over any blocks."""

from collections.abc import Iterator

from medconsent.fabric import _protos as pb
from medconsent.fabric.channel_config import ChannelConfig
from medconsent.fabric.errors import BlockError
from medconsent.fabric.ledger_blocks import VALID, Action, LedgerBlock, LedgerTransaction, Namespace
from medconsent.fabric.trust import Authority
from medconsent.watch import chain, configuration, definitions, transactions
from medconsent.watch.findings import Finding, listed
from medconsent.watch.state import State
from medconsent.watch.transactions import Endorsed, Place, Policies


class Judge:
    """Judges the blocks of one channel for one institution.

    `pinned` are the institution's own root certificates, from its own files; who the others are is what the first
    block says, and every change of that is a finding.
    """

    def __init__(self, pinned: Authority, chaincode: str, state: State | None = None) -> None:
        self.pinned = pinned
        self.chaincode = chaincode
        self.state = state or State()
        self._collection = f"_implicit_org_{pinned.msp_id}"
        self._policies = Policies(pinned.msp_id)

    def judge(self, block: LedgerBlock) -> list[Finding]:
        """The findings of a block. It may be anything: what cannot be read is a finding."""
        state = self.state
        found = list(chain.broken(state, block))
        if state.config is not None:
            found += chain.unsigned(state.config, block)
        try:
            codes = block.codes()
        except BlockError as error:  # its own peer says so, and nobody else
            found.append(Finding("CHAIN_BROKEN", f"block {block.number}: {error}", block.number, about="content"))
        else:
            for index, code in enumerate(codes):
                if code == VALID:  # what is not valid changed nothing, and may be anything
                    self._judge_transaction(block, index, found)
        state.next, state.last_hash = block.number + 1, block.hash
        return found

    def adopt(self, config: ChannelConfig, block: int) -> list[Finding]:
        """Go on from a configuration: what it changes is judged.

        Args:
            config: The configuration that is in force from now on.
            block: The number of the block that it stands in.
        """
        before, self.state.config = self.state.config, config
        return list(configuration.judge(before, config, self.pinned, block))

    def judge_config(self, transaction: LedgerTransaction, block: int) -> list[Finding]:
        """Go on from the configuration in a transaction of block `block`.

        Args:
            transaction: A configuration transaction.
            block: The number of its block.

        Raises:
            BlockError: It cannot be read.
        """
        return self.adopt(ChannelConfig(transaction.config().config), block)

    @property
    def member(self) -> bool:
        """Whether the institution is in the channel now."""
        config = self.state.config
        return config is not None and any(one.msp_id == self.pinned.msp_id for one in config.members())

    def _judge_transaction(self, block: LedgerBlock, index: int, found: list[Finding]) -> None:
        """Add what is found in a transaction. Others wrote it: whatever is odd in it is a finding about it, and must
        neither stop the watcher nor hide the rest.
        """
        place = Place(block.number, LedgerTransaction(index, f"number {index}", -1, b"", VALID, b""))
        try:
            place = Place(block.number, block.transaction(index, VALID))
            for one in self._transaction(place):
                found.append(one)  # one by one: what was found before something cannot be read stays found
        except Exception as error:
            found.append(self._unreadable(place, error))

    def _unreadable(self, place: Place, error: Exception) -> Finding:
        if place.transaction.type == pb.CONFIG:  # which rules hold from here on is not known
            told = f"the configuration in block {place.block} cannot be read ({type(error).__name__}: {error})"
            return Finding("POLICY_CHANGED", told, place.block, place.transaction.id, "configuration")
        return place.unreadable(f"it cannot be judged ({type(error).__name__}: {error})")

    def _transaction(self, place: Place) -> Iterator[Finding]:
        transaction = place.transaction
        if transaction.type == pb.CONFIG:
            yield from self.judge_config(transaction, place.block)
        elif transaction.type == pb.ENDORSER_TRANSACTION:
            yield from transactions.creator(place, self.pinned)
            for action in transaction.actions():
                yield from self._action(place, action)

    def _action(self, place: Place, action: Action) -> Iterator[Finding]:
        endorsed = Endorsed(action, self.pinned)
        for namespace in action.namespaces:
            try:
                yield from self._namespace(place, namespace, endorsed)
            except Exception as error:  # the next is judged all the same
                yield place.unreadable(f"{listed([namespace.name])} cannot be judged ({type(error).__name__}: {error})")
        if action.unreadable:
            yield place.unreadable(f"what it writes in {listed(action.unreadable)} cannot be read")

    def _namespace(self, place: Place, namespace: Namespace, endorsed: Endorsed) -> Iterator[Finding]:
        institution, collection, state = self.pinned.msp_id, self._collection, self.state
        yield from transactions.legacy(place, namespace)
        yield from transactions.seals(place, namespace, collection, endorsed)
        if namespace.name == self.chaincode:
            yield from transactions.spoils(place, namespace, state.guards, self._policies, endorsed)
            yield from transactions.unsealed(place, namespace, institution, collection, endorsed)
        elif namespace.name == definitions.LIFECYCLE:
            definitions.approvals(namespace, collection, endorsed, state)
            yield from definitions.committed(place, namespace, self.chaincode, collection, state, member=self.member)
