"""Hierarchies of disease terms as files: `read(path).digest` is what the ledger names a version by."""

from medconsent.ontology.files import read
from medconsent.ontology.pages import Hierarchy

__all__ = ["Hierarchy", "read"]
