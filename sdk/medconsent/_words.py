"""Numbers in sentences."""


def counted(count: int, one: str, more: str = "") -> str:
    """A number with its word: `1 finding`, `2 findings`; `more` where the plural is not `one` and an s."""
    return f"{count} {one if count == 1 else more or one + 's'}"
