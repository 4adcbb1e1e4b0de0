"""A small hierarchy of diseases as a table, and how tests write and read one."""

import gzip
from pathlib import Path

from medconsent.ontology.pages import Hierarchy, Term

TABLE = """\
id\tlabel\tparent_id
DOID:4\tdisease\t
DOID:162\tcancer\tDOID:4
DOID:1612\tbreast cancer\tDOID:162
DOID:305\tcarcinoma\tDOID:162
DOID:3459\tbreast carcinoma\tDOID:305
DOID:3459\tbreast carcinoma\tDOID:1612
"""


def written(folder: Path, name: str, text: str | bytes) -> Path:
    data = text.encode() if isinstance(text, str) else text
    path = folder / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def by_code(hierarchy: Hierarchy) -> dict[str, Term]:
    return {term.code: term for term in hierarchy.terms}
