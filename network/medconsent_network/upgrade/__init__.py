"""How a home changes to another version of what it runs, while the others go on."""
