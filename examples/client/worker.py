"""A worker that handles a chaincode's events, each once, also when it is stopped and started again.

    FABRIC_ENDPOINT=... FABRIC_MSP=... FABRIC_WALLET=... FABRIC_TLS_ROOT=... FABRIC_CHANNEL=... FABRIC_CHAINCODE=... \\
    python examples/client/worker.py handled.json

What was handled is written into the file after each event. A crash between handling and writing handles one event
again: make what you do with it so that twice is as good as once, here by its transaction id.
"""

import os
import signal
import sys
from pathlib import Path

from medconsent.fabric import ChaincodeEvent, FileCheckpointer, Gateway
from medconsent.fabric.wallet import load


def handle(event: ChaincodeEvent) -> None:
    """What the worker is there for."""
    print(event.block_number, event.transaction_id, event.name, event.payload.decode(), flush=True)


def main() -> None:
    """Follow the events until SIGTERM or Ctrl-C."""
    handled = FileCheckpointer(sys.argv[1])
    identity, signer = load(os.environ["FABRIC_WALLET"], os.environ["FABRIC_MSP"])
    root = Path(os.environ["FABRIC_TLS_ROOT"]).read_bytes()
    with Gateway(os.environ["FABRIC_ENDPOINT"], identity, signer, tls_root=root) as gateway:
        channel = gateway.channel(os.environ["FABRIC_CHANNEL"])
        # From the first block on when nothing was handled yet; over broken connections without loss or repetition.
        events = channel.chaincode_events(os.environ["FABRIC_CHAINCODE"], start_block=0, checkpoint=handled)
        signal.signal(signal.SIGTERM, lambda *_: events.close())
        signal.signal(signal.SIGINT, lambda *_: events.close())
        for event in events:
            handle(event)
            handled.checkpoint_event(event)


if __name__ == "__main__":
    main()
