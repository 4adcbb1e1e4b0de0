"""What an institution does at home with its data: manifests, measures of de-identification, people's proofs.

Nothing here talks to the ledger.
"""
