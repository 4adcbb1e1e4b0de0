"""How the bytes of a dataset leave: encrypted at home, released by a header, checked where they arrive.

A version is kept as a Crypt4GH archive in two halves. The bodies are ciphertext on a disk that faces the network; the
headers, which hold the keys, are in the keyholder's store. Whoever has only one half has nothing.

- `container` is Crypt4GH: segments, headers, and what it does not do by itself (missing and swapped segments).
- `leaves` is what the ledger knows of an archive: a leaf for each file, and the root over them.
- `archive` makes an archive, `stored` reads its half without keys, `headers` is the other half.
- `judging` decides about a header, and `journal` remembers which were given.
- `receiving` checks, decrypts and writes what arrives.
"""
