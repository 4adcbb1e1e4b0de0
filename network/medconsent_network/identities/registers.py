"""The register of a Fabric CA, read and mended while the CA does not run: `users` in its SQLite database.

Until 0.2.0 the secrets of a home's own identities were good for any number of enrolments. The registrar cannot change
that, because it has no say over peers and administrators; so it is changed here.
"""

import sqlite3
from collections.abc import Collection
from pathlib import Path


def close_used(database: Path, names: Collection[str]) -> None:
    """Let nobody enrol again with the secret of an identity that has enrolled.

    Args:
        database: `fabric-ca-server.db` of a CA that does not run; nothing is done when there is none.
        names: Enrolment ids of the home's own identities.
    """
    if not database.is_file():
        return
    connection = sqlite3.connect(database)
    try:
        with connection:
            connection.executemany(
                "UPDATE users SET max_enrollments = 1 WHERE id = ? AND max_enrollments = -1 AND state > 0",
                [(name,) for name in names],
            )
    finally:
        connection.close()
