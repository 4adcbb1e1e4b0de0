"""The `medconsent` command line: it parses, calls the SDK and prints. It decides nothing.

`main` lists the nouns; `commands` has a file or a folder for each; `app` has what they share.
"""
