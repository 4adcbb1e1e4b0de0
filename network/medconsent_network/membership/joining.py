"""How a home's nodes join the channel, from its first block."""

from medconsent_network.administration import run_peer
from medconsent_network.home import Home
from medconsent_network.ordering import participation


def join_orderer(home: Home) -> None:
    """Let the home's orderer join the channel, unless it has.

    Raises:
        NetworkError: CHANNEL_FAILED when it refuses.
    """
    participation.join(home)


def join_peer(home: Home) -> None:
    """Let the home's peer join the channel. It must not have joined yet.

    Raises:
        NetworkError: CHANNEL_FAILED with what the peer said.
    """
    run_peer(home, "channel", "join", "-b", str(home.genesis))
