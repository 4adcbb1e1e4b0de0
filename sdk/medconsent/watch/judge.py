"""The judge: one block after the other, against what was pinned. It does no I/O: anybody can run it over any blocks."""

from collections.abc import Iterator

from medconsent.fabric import _protos as pb
from medconsent.fabric.channel_config import ChannelConfig
from medconsent.fabric.errors import BlockError
from medconsent.fabric.ledger_blocks import VALID, Action, LedgerBlock, LedgerTransaction
from medconsent.fabric.trust import Authority
from medconsent.watch import chain, configuration, definitions, transactions
from medconsent.watch.findings import Finding
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
        except BlockError as error:
            found.append(_unreadable(block, "content", error))
        else:
            for index, code in enumerate(codes):
                if code == VALID:  # what is not valid changed nothing, and may be anything
                    self._judge_transaction(block, index, found)
        state.next, state.last_hash = block.number + 1, block.hash
        return found

    def adopt(self, config: ChannelConfig, block: int) -> list[Finding]:
        """Go on from a configuration: what it changes is judged."""
        found = list(configuration.judge(self.state.config, config, self.pinned, block))
        self.state.config = config
        return found

    def judge_config(self, transaction: LedgerTransaction, block: int) -> list[Finding]:
        """Go on from the configuration in a transaction of block `block`.

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
        try:
            for one in self._transaction(block.number, block.transaction(index, VALID)):
                found.append(one)  # one by one: what was found before something cannot be read stays found
        except Exception as error:  # others wrote it: it must neither stop the watcher nor hide the rest
            found.append(_unreadable(block, f"transaction {index}", error))

    def _transaction(self, block: int, transaction: LedgerTransaction) -> Iterator[Finding]:
        if transaction.type == pb.CONFIG:
            yield from self.judge_config(transaction, block)
        elif transaction.type == pb.ENDORSER_TRANSACTION:
            place = Place(block, transaction)
            yield from transactions.creator(place, self.pinned)
            for action in transaction.actions():
                yield from self._action(place, action)

    def _action(self, place: Place, action: Action) -> Iterator[Finding]:
        endorsed = Endorsed(action, self.pinned)
        institution, collection, state = self.pinned.msp_id, self._collection, self.state
        for namespace in action.namespaces:
            yield from transactions.legacy(place, namespace)
            yield from transactions.seals(place, namespace, collection, endorsed)
            if namespace.name == self.chaincode:
                yield from transactions.spoils(place, namespace, state.guards, self._policies, endorsed)
                yield from transactions.unsealed(place, namespace, institution, collection, endorsed)
            elif namespace.name == definitions.LIFECYCLE:
                definitions.approvals(namespace, collection, endorsed, state)
                yield from definitions.committed(
                    place, namespace, self.chaincode, collection, state, member=self.member
                )


def _unreadable(block: LedgerBlock, what: str, error: Exception) -> Finding:
    told = str(error) if isinstance(error, BlockError) else f"{what} cannot be judged ({type(error).__name__}: {error})"
    return Finding("CHAIN_BROKEN", f"block {block.number}: {told}", block.number, about=what)
