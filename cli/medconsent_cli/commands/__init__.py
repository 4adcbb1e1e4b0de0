"""The commands: a file a noun, or a folder where a noun has many."""
