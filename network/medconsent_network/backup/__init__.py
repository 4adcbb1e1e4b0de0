"""A backup of one home, made while it runs, encrypted and verified; and the home out of it again.

A backup is one file in the format of age (https://age-encryption.org): a tar archive, encrypted to the public key of an
identity that is kept elsewhere. So whoever makes backups cannot read them, and no secret is on the home's host for it.
"""
