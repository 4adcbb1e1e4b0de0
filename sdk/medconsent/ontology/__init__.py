"""Hierarchies of disease terms: the files they are published in, and the pages that the ledger keeps."""
