"""YAML documents that people fill in: read as strictly as a policy, and written so that they are read back."""

from medconsent.documents.mappings import dump_mapping, load_mapping

__all__ = ["dump_mapping", "load_mapping"]
