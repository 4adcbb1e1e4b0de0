"""Proof for an auditor: whether the blocks of a channel are what they ought to be, by themselves alone.

Start with `verify`, which reads exported blocks and asks nobody: not the peer that served them, and no network.
"""
