"""The nouns of the contract: what can be asked and changed, one file each (docs/contract.md).

They are the attributes of a client (`medconsent.client`).
"""
