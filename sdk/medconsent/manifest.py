"""Describe a folder of data, read its manifest, verify a copy: see `medconsent.data.manifest`."""

from medconsent.data.manifest import MAX_BYTES, Document, FileEntry, Verification, describe, read, root, verify

__all__ = ["MAX_BYTES", "Document", "FileEntry", "Verification", "describe", "read", "root", "verify"]
