"""Text out of files that people bring: from any editor on any machine, or told what it is instead.

UTF-8 is read with or without a byte order mark, UTF-16 with one, as Notepad and PowerShell write them. Line ends may be
those of any system. Whatever else is refused with its line and the encoding that it looks like.
"""

import codecs
import re
import unicodedata
from collections.abc import Collection, Sequence

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
_EAST_ASIAN = (
    ("cp949", ((0xB0, 0xC8),), (), "CP949 (Korean Windows)"),
    ("cp932", ((0x82, 0x83), (0x88, 0x97)), (), "Shift-JIS (Japanese Windows)"),
    ("euc-jp", ((0xA4, 0xA5), (0xB0, 0xCF)), (0xA4, 0xA5), "EUC-JP (Japanese)"),
    ("gb18030", ((0xB0, 0xD7),), (), "GB18030 (Chinese Windows)"),
    ("big5", ((0xA4, 0xC6),), (), "Big5 (Chinese Windows, traditional)"),
)
"""Encodings of two bytes a letter, in which the same bytes can be text: the first bytes of the letters that people
write most (the Hangul of KS X 1001; kana and the kanji of JIS level 1; the hanzi of GB 2312 level 1 and of Big5 level
1), those of which text has at least one, and how it is called."""
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
    return DocumentError(f"{what} is not UTF-8: it could be {_guess(sample)}", source=source, line=line, hint=_SAVE)


def null_in(what: str, source: str, line: int) -> DocumentError:
    """The refusal of a null character, which no text has: UTF-16 without its mark, or no text at all."""
    return DocumentError(
        f"{what} holds a null character: it is UTF-16 without its mark, or no text",
        source=source,
        line=line,
        hint=_SAVE,
    )


def _guess(sample: bytes) -> str:
    """Which encodings bytes can be text in; often that is more than one: they do not tell Korean from Chinese."""
    fitting = [name for encoding, common, some, name in _EAST_ASIAN if _reads_as(sample, encoding, common, some)]
    if not fitting:
        return "Latin-1 (Windows-1252)"
    *others, last = fitting
    return f"{', '.join(others)} or {last}" if others else last


def _reads_as(sample: bytes, encoding: str, common: Sequence[tuple[int, int]], some: Collection[int]) -> bool:
    """Whether the bytes, but for a letter that is cut off at their end, are text of mostly common letters."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    foreign = [letter.encode(encoding) for letter in text if letter > "\x7f"]
    leads = [letter[0] for letter in foreign if len(letter) == 2 and letter[1] >= 0x40]
    usual = sum(any(first <= lead <= last for first, last in common) for lead in leads)
    return usual * 2 > len(foreign) and (not some or any(lead in some for lead in leads))


def seen(name: str) -> str:
    """A name as people see it: in Unicode NFC, without spaces around it."""
    return unicodedata.normalize("NFC", name).strip()
