"""The watcher: whether the ledger still holds what the seals stand on (docs/watcher.md).

Start with `Judge`, which judges blocks and does no I/O, or `Ledger`, which runs it beside one's own peer.
"""
