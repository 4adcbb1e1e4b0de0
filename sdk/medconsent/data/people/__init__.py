"""What an institution does at home about the people in its data: pseudonyms, commitments and each person's own proof.

Nothing here talks to the ledger. Of all of it only a Merkle root and two bands of counts ever leave the institution;
why no identifier does, not even hashed, is docs/decisions/0017.
"""
