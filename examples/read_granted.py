"""A training program that reads what was granted without a copy on disk: here, the mean of a column of a table.

    python examples/read_granted.py hanbit/breast-cancer table.csv age https://release.hanbit.example:7443 [CA.pem]

It acts as the current context. The receipt is completed when each byte was read, and aborted when the program fails.
"""

import csv
import io
import sys
from pathlib import Path

import medconsent


def mean(dataset: str, path: str, column: str, url: str, ca: Path | None = None) -> float:
    """The mean of a column of a file that was granted.

    Args:
        dataset: The dataset.
        path: A table in it, as CSV in UTF-8.
        column: The column.
        url: The owner's server.
        ca: The file with the CA that its certificate is of; None: those that the system trusts.
    """
    with (
        medconsent.connect() as client,
        client.release.open(dataset, url, paths=[path], ca=ca) as delivery,
        delivery.open(path) as table,
    ):
        values = [float(row[column]) for row in csv.DictReader(io.TextIOWrapper(table, "utf-8"))]
    return sum(values) / len(values)


if __name__ == "__main__":
    dataset, path, column, url, *ca = sys.argv[1:]
    print(mean(dataset, path, column, url, Path(ca[0]) if ca else None))
