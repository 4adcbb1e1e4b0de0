"""Which encoding the first bytes of a text file name: byte order marks, as Notepad and PowerShell write them."""

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it begins alike
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def encoding_of(beginning: bytes) -> tuple[str, int]:
    """The encoding that a text's first bytes name, and how many of them are the mark; UTF-8 when they name none."""
    return next(((name, len(mark)) for mark, name in _MARKS if beginning.startswith(mark)), ("utf-8", 0))
