"""hfc's `Client`: a connection profile, and what can be asked of the peers in it."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from re import match
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

from medconsent.fabric import _protos as pb
from medconsent.fabric.aio import AsyncGateway
from medconsent.fabric.channel import Channel
from medconsent.fabric.errors import EndorseError, EventsError, FabricError, GatewayError, ProfileError
from medconsent.fabric.flow import Asyncio
from medconsent.fabric.profile import PeerEndpoint, Profile, read

from .decoded import block_of, transaction_of
from .events import ChannelEventHub
from .people import User, user_of
from .refused import INSTEAD, NotHere

_WAIT_SECONDS = 30.0  # hfc's DEFAULT_WAIT_FOR_EVENT_TIMEOUT
_AGAIN_MILLISECONDS = 3000


@dataclass(frozen=True)
class Organization:
    """An organization of the profile: its name, its MSP id, and the names of its peers."""

    name: str
    msp_id: str
    peers: tuple[str, ...]


@dataclass(frozen=True)
class Peer:
    """A peer of the profile: its name, and its organization's MSP id."""

    name: str
    msp_id: str


@dataclass(frozen=True)
class NamedChannel:
    """A channel by its name, for its event hubs."""

    name: str
    client: "Client"

    def newChannelEventHub(self, peer: str | Peer, requestor: User) -> ChannelEventHub:
        """Events of the channel, from a peer.

        Args:
            peer: The peer, or its name.
            requestor: Who asks.

        Raises:
            ProfileError: The profile has no such peer.
        """
        return ChannelEventHub(lambda: self.client.asked(requestor, self.name, [peer]))


class Client:
    """What hfc's client does, over the Gateway of the named peers.

    The first named peer of the requestor's own organization is asked, else the first named. Its connection is made when
    first needed, one for each event loop, and ends with `close_grpc_channels`.
    """

    def __init__(self, net_profile: str | Path | None = None) -> None:
        """
        Args:
            net_profile: The connection profile, JSON or YAML.

        Raises:
            ProfileError: It is missing, or cannot be read.
        """
        if net_profile is None:
            raise ProfileError("a connection profile is missing: Client(net_profile=...)")
        self._base = Path(net_profile).parent
        self._document = read(net_profile)
        self._channels: dict[str, NamedChannel] = {}
        self._open: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, User], AsyncGateway]] = (
            WeakKeyDictionary()
        )

    @property
    def organizations(self) -> dict[str, Organization]:
        """The organizations of the profile, by name."""
        return {
            name: Organization(name, str(entry.get("mspid", "")), tuple(map(str, entry.get("peers") or ())))
            for name, entry in self._entries("organizations")
        }

    @property
    def peers(self) -> dict[str, Peer]:
        """The peers of the profile, by name."""
        of = {peer: one.msp_id for one in self.organizations.values() for peer in one.peers}
        return {name: Peer(name, of.get(name, "")) for name, _ in self._entries("peers")}

    @property
    def orderers(self) -> dict[str, Mapping[str, Any]]:
        """The orderers of the profile, by name. Nobody asks them: the Gateway peer does."""
        return dict(self._entries("orderers"))

    @property
    def CAs(self) -> dict[str, Mapping[str, Any]]:
        """The certificate authorities of the profile, by name."""
        return dict(self._entries("certificateAuthorities"))

    def get_user(self, org_name: str, name: str) -> User:
        """A user of the profile.

        Args:
            org_name: The organization's name.
            name: The user's.

        Raises:
            ProfileError: The profile has none, or its files cannot be read.
            IdentityError: Key and certificate do not fit together.
        """
        return user_of(self._document, org_name, name, self._base)

    def get_peer(self, name: str) -> Peer | None:
        """A peer of the profile; None for none.

        Args:
            name: Its name.
        """
        return self.peers.get(name)

    def get_orderer(self, name: str) -> Mapping[str, Any] | None:
        """An orderer of the profile; None for none.

        Args:
            name: Its name.
        """
        return self.orderers.get(name)

    def get_net_info(self, *key_path: str) -> Any:
        """What the profile says under these keys, one within the other; None for nothing.

        Args:
            key_path: The keys.
        """
        found: Any = self._document
        for key in key_path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def new_channel(self, name: str) -> NamedChannel:
        """A channel, by its name.

        Args:
            name: Its name.
        """
        return self._channels.setdefault(name, NamedChannel(name, self))

    def get_channel(self, name: str) -> NamedChannel:
        """See `new_channel`: it need not be called before."""
        return self.new_channel(name)

    async def close_grpc_channels(self) -> None:
        """Close the connections of the running event loop."""
        for gateway in self._open.pop(asyncio.get_running_loop(), {}).values():
            await gateway.close()

    async def chaincode_invoke(
        self,
        requestor: User,
        channel_name: str,
        peers: Iterable[str | Peer],
        args: Iterable[str | bytes] | None,
        cc_name: str,
        cc_type: Any = None,
        fcn: str = "invoke",
        cc_pattern: str | None = None,
        transient_map: Mapping[str, str | bytes] | None = None,
        wait_for_event: bool = False,
        wait_for_event_timeout: float = _WAIT_SECONDS,
        grpc_broker_unavailable_retry: int = 0,
        grpc_broker_unavailable_retry_delay: float = _AGAIN_MILLISECONDS,
        raise_broker_unavailable: bool = True,
        raise_on_error: bool = True,
        is_init: bool = False,
    ) -> str:
        """Have the named peers' organizations endorse, and send it; the chaincode's answer as text.

        Args:
            requestor: Who asks.
            channel_name: The channel.
            peers: Peers, or their names: exactly their organizations endorse. None named: whoever is enough.
            args: The arguments.
            cc_name: The chaincode.
            cc_type: Not used: a peer knows it.
            fcn: The function.
            cc_pattern: With `wait_for_event`: a regular expression that begins the name of the event it must set.
            transient_map: What goes to endorsers and not into the block.
            wait_for_event: Whether to wait until it is committed as valid.
            wait_for_event_timeout: For so many seconds.
            grpc_broker_unavailable_retry: How often to ask again while endorsers are not reached.
            grpc_broker_unavailable_retry_delay: After so many milliseconds.
            raise_broker_unavailable: Not used: an endorsement that is missing is raised.
            raise_on_error: False gives the error's text back as though it were the answer, which is how hfc began.
            is_init: Not there.

        Raises:
            EndorseError: Nothing committed.
            SubmitError: Whether it was ordered is not known.
            CommitStatusError: Not known.
            CommitError: Recorded as invalid, changed nothing.
            EventsError: It was committed, and set no such event.
            NotHere: With `is_init`.
        """
        del cc_type, raise_broker_unavailable
        if is_init:
            raise NotHere("is_init", "define the chaincode without --init-required, and call the function by its name")
        named = self._named(peers)
        contract = self.asked(requestor, channel_name, named).contract(cc_name)
        arguments = tuple(args or ())
        organizations = sorted({one.msp_id for one in named})
        try:
            for again in range(grpc_broker_unavailable_retry, -1, -1):
                try:
                    transaction = await contract.endorse(
                        fcn, *arguments, endorsing_organizations=organizations, transient=transient_map
                    )
                    break
                except EndorseError as error:
                    if not again or error.status.name != "UNAVAILABLE":
                        raise
                await asyncio.sleep(grpc_broker_unavailable_retry_delay / 1000)
            answer = transaction.result.decode("utf-8", "replace")
            commit = await contract.send(transaction)
            if wait_for_event:
                (await contract.commit_status(commit, timeout=wait_for_event_timeout)).require_valid()
                if cc_pattern is not None:
                    await self._require_event(requestor, channel_name, named, commit.transaction_id, cc_pattern)
        except GatewayError as error:
            if raise_on_error:
                raise
            return str(error)
        return answer

    async def chaincode_query(
        self,
        requestor: User,
        channel_name: str,
        peers: Iterable[str | Peer],
        args: Iterable[str | bytes] | None,
        cc_name: str,
        cc_type: Any = None,
        fcn: str = "query",
        transient_map: Mapping[str, str | bytes] | None = None,
    ) -> str:
        """Ask and change nothing; the chaincode's answer as text.

        Args:
            requestor: Who asks.
            channel_name: The channel.
            peers: Peers, or their names: one of their organizations answers.
            args: The arguments.
            cc_name: The chaincode.
            cc_type: Not used.
            fcn: The function.
            transient_map: What the chaincode gets besides.

        Raises:
            EvaluateError: The peer does not answer, or refuses.
        """
        del cc_type
        named = self._named(peers)
        organizations = sorted({one.msp_id for one in named})
        contract = self.asked(requestor, channel_name, named).contract(cc_name)
        answer = await contract.evaluate(
            fcn, *(args or ()), target_organizations=organizations, transient=transient_map
        )
        return answer.decode("utf-8", "replace")

    async def query_info(
        self, requestor: User, channel_name: str, peers: Iterable[str | Peer], decode: bool = True
    ) -> Any:
        """How long the ledger is: Fabric's `common.BlockchainInfo`.

        Args:
            requestor: Who asks.
            channel_name: The channel.
            peers: Peers of the requestor's own organization.
            decode: False: the message's bytes.

        Raises:
            EvaluateError: The peer does not answer, or refuses.
        """
        told = await self._own(requestor, channel_name, peers).info()
        message = pb.BlockchainInfo(
            height=told.height, currentBlockHash=told.current_hash, previousBlockHash=told.previous_hash
        )
        return message if decode else message.SerializeToString()

    async def query_block(
        self,
        requestor: User,
        channel_name: str,
        peers: Iterable[str | Peer],
        block_number: int | str,
        decode: bool = True,
    ) -> Any:
        """A block by its number, as hfc's dictionary.

        Args:
            requestor: Who asks.
            channel_name: The channel.
            peers: Peers of the requestor's own organization.
            block_number: Its number.
            decode: False: the block's bytes.

        Raises:
            EvaluateError: The peer does not answer, or has no such block.
        """
        block = await self._own(requestor, channel_name, peers).block_by_number(int(block_number))
        return block_of(block) if decode else block.to_bytes()

    async def query_block_by_hash(
        self, requestor: User, channel_name: str, peers: Iterable[str | Peer], block_hash: bytes, decode: bool = True
    ) -> Any:
        """A block by its hash. The arguments are those of `query_block`."""
        block = await self._own(requestor, channel_name, peers).block_by_hash(block_hash)
        return block_of(block) if decode else block.to_bytes()

    async def query_block_by_txid(
        self, requestor: User, channel_name: str, peers: Iterable[str | Peer], tx_id: str, decode: bool = True
    ) -> Any:
        """The block of a transaction. The arguments are those of `query_block`."""
        block = await self._own(requestor, channel_name, peers).block_by_transaction(tx_id)
        return block_of(block) if decode else block.to_bytes()

    async def query_transaction(
        self, requestor: User, channel_name: str, peers: Iterable[str | Peer], tx_id: str, decode: bool = True
    ) -> Any:
        """A transaction, as hfc's dictionary. The arguments are those of `query_block`.

        Raises:
            EvaluateError: The peer does not answer, or has no such transaction.
        """
        block = await self._own(requestor, channel_name, peers).block_by_transaction(tx_id)
        return transaction_of(block, tx_id, decode=decode)

    async def query_instantiated_chaincodes(
        self,
        requestor: User,
        channel_name: str,
        peers: Iterable[str | Peer],
        transient_map: Any = None,
        decode: bool = True,
    ) -> Any:
        """The chaincodes that are defined on a channel: Fabric's `ChaincodeQueryResponse`, of which name and version.

        Args:
            requestor: Who asks.
            channel_name: The channel.
            peers: Peers of the requestor's own organization.
            transient_map: Not used.
            decode: False: the message's bytes.

        Raises:
            EvaluateError: The peer does not answer, or refuses.
        """
        del transient_map
        defined = await self._own(requestor, channel_name, peers).chaincode_definitions()
        message = pb.ChaincodeQueryResponse(
            chaincodes=[pb.ChaincodeInfo(name=one.name, version=one.version) for one in defined]
        )
        return message if decode else message.SerializeToString()

    def asked(self, requestor: User, channel_name: str, peers: Iterable[str | Peer]) -> Channel[Asyncio]:
        """The channel at the peer that is asked: the first of the requestor's own organization, else the first.

        Args:
            requestor: Who asks.
            channel_name: The channel.
            peers: Peers, or their names; none: those of the requestor's organization.

        Raises:
            ProfileError: The profile has no such peer.
        """
        if not isinstance(requestor, User):
            raise FabricError(f"the requestor is a User, as get_user gives it, and not {type(requestor).__name__}")
        named = self._named(peers) or [one for one in self.peers.values() if one.msp_id == requestor.msp_id]
        chosen = next((one for one in named if one.msp_id == requestor.msp_id), named[0] if named else None)
        if chosen is None:
            raise ProfileError(f"no peer is named, and the profile has none of {requestor.msp_id}")
        held = self._open.setdefault(asyncio.get_running_loop(), {})
        key = (chosen.name, requestor)
        if key not in held:
            at = self._endpoint(chosen)
            held[key] = AsyncGateway(
                at.endpoint, requestor.identity, requestor.signer, tls_root=at.tls_root, server_name=at.server_name
            )
        return held[key].channel(channel_name)

    def _own(self, requestor: User, channel_name: str, peers: Iterable[str | Peer]) -> Channel[Asyncio]:
        """The channel at a peer of the requestor's own organization, which alone tells it of the ledger."""
        named = self._named(peers)
        if named and all(one.msp_id != requestor.msp_id for one in named):
            raise NotHere(
                "a question about the ledger to another organization's peer",
                f"name a peer of {requestor.msp_id}: each has the same blocks",
            )
        return self.asked(requestor, channel_name, named)

    async def _require_event(
        self, requestor: User, channel_name: str, peers: list[Peer], transaction_id: str, pattern: str
    ) -> None:
        told = await self._own(requestor, channel_name, peers).transaction(transaction_id)
        if told.event is None or not match(pattern, told.event.name):
            set_instead = "none" if told.event is None else repr(told.event.name)
            raise EventsError(
                f"the transaction was committed, and its event is {set_instead}, not one like {pattern!r}",
                transaction_id=transaction_id,
            )

    def _named(self, peers: Iterable[str | Peer]) -> list[Peer]:
        if isinstance(peers, str):
            raise ProfileError(f"peers is a list of names, and not the text {peers!r}")
        known = self.peers
        names = [one if isinstance(one, str) else one.name for one in peers]
        if missing := [name for name in names if name not in known]:
            raise ProfileError(f"the profile has no peer {missing[0]!r}; it has: {', '.join(known) or 'none'}")
        if orphans := [name for name in names if not known[name].msp_id]:
            raise ProfileError(f"no organization of the profile names the peer {orphans[0]!r}")
        return [known[name] for name in names]

    def _endpoint(self, peer: Peer) -> PeerEndpoint:
        organization = next(one.name for one in self.organizations.values() if peer.name in one.peers)
        profile = Profile.parse(self._document, organization, base=self._base)
        return next(one for one in profile.peers if one.name == peer.name)

    def _entries(self, section: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        found = self._document.get(section) or {}
        if not isinstance(found, Mapping):
            raise ProfileError(f"{section} in the connection profile must be an object")
        for name, entry in found.items():
            if name != "_default" and isinstance(entry, Mapping):
                yield str(name), entry

    def __getattr__(self, name: str) -> NoReturn:
        if name in INSTEAD:
            raise NotHere(name, INSTEAD[name])
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
