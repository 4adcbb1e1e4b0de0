"""The `medconsent` command line: it parses, calls the SDK and prints. It decides nothing.

A noun is a file (`dataset.py`, `request.py` ...); what they share begins with an underscore.
"""
