"""What a dataset consists of: its Croissant manifest, the Merkle root of its files, and whether a local copy is the
same.

    document = describe(folder, title="…", summary="…", …)     # bytes of a Croissant 1.1 document
    read(document).root                                        # what lands on the ledger
    verify(copy, document, root=…)                             # which files changed, are missing or too many

None of this needs the network.
"""

from medconsent.data.manifest.croissant import MAX_BYTES, Document, read
from medconsent.data.manifest.describe import describe
from medconsent.data.manifest.files import FileEntry
from medconsent.data.manifest.merkle import root
from medconsent.data.manifest.verify import Verification, verify

__all__ = ["MAX_BYTES", "Document", "FileEntry", "Verification", "describe", "read", "root", "verify"]
