"""The watcher as it runs: its blocks, its journal and checkpoint on disk, and what it tells (docs/watcher.md).

What judges the blocks is `medconsent.watch`, and does no I/O.
"""
