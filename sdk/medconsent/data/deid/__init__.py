"""Evidence of de-identification, measured where the data is: what a privacy officer attests (docs/deidentification.md).

k and l are facts about a table, its quasi-identifiers and what was released before; headers are what a device or a tool
wrote. Neither proves that nobody can be recognised, and nothing here says so.
"""
