"""Numbers and names in sentences."""

import unicodedata


def counted(count: int, one: str, more: str = "") -> str:
    """A number with its word: `1 finding`, `2 findings`; `more` where the plural is not `one` and an s."""
    return f"{count} {one if count == 1 else more or one + 's'}"


def odd_letter(text: str) -> str:
    """What in a name only looks like one of its letters: `its 2nd letter is U+0430 CYRILLIC SMALL LETTER A`.

    Names of the ledger are ASCII. Of several the first is told; empty for a name without any.
    """
    for place, char in enumerate(text, start=1):
        if not char.isascii():
            known = unicodedata.name(char, "")
            return f"its {_ordinal(place)} {_kind(char)} is U+{ord(char):04X} {known}".rstrip()
    return ""


def _kind(char: str) -> str:
    return "letter" if unicodedata.category(char)[0] in "LM" else "character"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
