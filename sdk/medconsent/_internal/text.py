"""Text out of files that people bring: from any editor on any machine, or told what it is instead.

UTF-8 is read with or without a byte order mark, UTF-16 with one, as Notepad and PowerShell write them. Line ends may be
those of any system. Whatever else is refused with its line and the encoding that it looks like.
"""

import re
import unicodedata

from medconsent.encodings import encoding_of
from medconsent.errors import DocumentError

_SAVE = "save it as UTF-8"
_OTHERS = (
    (b"PK\x03\x04", "a ZIP file, such as a workbook of Excel", "export the sheet as CSV in UTF-8"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a file of an old Office, such as a workbook", "export it as CSV in UTF-8"),
    (b"\x1f\x8b", "compressed (gzip)", "unpack it first"),
    (b"%PDF-", "a PDF", "bring the text that it was made of"),
    (b"PAR1", "a Parquet file", "export it as CSV in UTF-8"),
    (b"SQLite format 3\0", "a database of SQLite", "export the table as CSV in UTF-8"),
)
"""What files begin with that are no text, whatever they are called, and what is to be done with one."""
_LINE_END = re.compile(r"\r\n|\r|\n")


def decode(data: bytes, what: str = "the document", source: str = "") -> str:
    """The text that the bytes of a file are, without a byte order mark.

    Args:
        data: The bytes.
        what: What they are, for messages.
        source: The file, for messages.

    Raises:
        DocumentError: They are no text in UTF-8 or UTF-16, or hold a null character; with the line.
    """
    refuse_other(data, what, source)
    encoding, mark = encoding_of(data)
    try:
        text = data[mark:].decode(encoding)
    except UnicodeDecodeError as error:
        line = 1 + lines_in(data[mark : mark + error.start].decode(encoding))
        raise not_text(data, encoding, what, source, line) from None
    if (at := text.find("\0")) >= 0:
        raise null_in(what, source, 1 + lines_in(text[:at]))
    return text


def refuse_other(beginning: bytes, what: str, source: str) -> None:
    """Refuse what is no text, by what it begins with.

    Raises:
        DocumentError: It is of another kind; with what to do.
    """
    for magic, kind, hint in _OTHERS:
        if beginning.startswith(magic):
            raise DocumentError(f"{what} is {kind}, and no text", source=source, hint=hint)


def lines_in(text: str) -> int:
    """How many lines end in a text."""
    return len(_LINE_END.findall(text))


def not_text(sample: bytes, encoding: str, what: str, source: str, line: int) -> DocumentError:
    """The refusal of bytes that are not the text that they should be, with what they look like."""
    if encoding != "utf-8":
        return DocumentError(f"{what} is not whole {encoding.upper()}", source=source, line=line, hint=_SAVE)
    return DocumentError(f"{what} is not UTF-8: it looks like {_guess(sample)}", source=source, line=line, hint=_SAVE)


def null_in(what: str, source: str, line: int) -> DocumentError:
    """The refusal of a null character, which no text has: UTF-16 without its mark, or no text at all."""
    return DocumentError(
        f"{what} holds a null character: it is UTF-16 without its mark, or no text",
        source=source,
        line=line,
        hint=_SAVE,
    )


def _guess(sample: bytes) -> str:
    """What an encoding looks like: CP949 where that gives Hangul, otherwise the one in which any byte is a letter."""
    try:
        letters = sample.decode("cp949")
        if any("\uac00" <= letter <= "\ud7a3" for letter in letters):
            return "CP949 (Korean Windows)"
    except UnicodeDecodeError:
        pass
    return "Latin-1 (Windows-1252)"


def seen(name: str) -> str:
    """A name as people see it: in Unicode NFC, without spaces around it."""
    return unicodedata.normalize("NFC", name).strip()
