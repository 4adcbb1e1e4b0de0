"""The watcher: whether the ledger still holds what the seals stand on (docs/watcher.md).

Start with :class:`Judge`, which judges blocks and does no I/O, or :class:`Ledger`, which runs it beside one's own peer.
"""
