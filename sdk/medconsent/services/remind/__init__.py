"""Reminders, sent: where a digest goes, and what was told already."""
