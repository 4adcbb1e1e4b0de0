"""The header of a DICOM file (PS3.10), read in bounded memory and without showing what it holds.

Elements are looked at one after the other and dropped, nested ones too; the image itself is not read. So a header of
any length, a representation that nobody knows (PS3.5, 6.2 and 7.1.2) and a file that is cut off end in a value or in a
`DocumentError`, and no library prints what somebody wrote into a file.
"""

import os
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from medconsent.data.deid.annex_e import NAMING
from medconsent.data.deid.unpacking import DEFLATE, drain, skip, unpack
from medconsent.errors import DocumentError

_PREAMBLE = 128
_DEFLATED, _BIG, _IMPLICIT = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2"
_SYNTAX, _KIND = 0x00020010, 0x00020002
_DIRECTORY = "1.2.840.10008.1.3.10"
_PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
_SHORT = frozenset(
    [
        "AE",
        "AS",
        "AT",
        "CS",
        "DA",
        "DS",
        "DT",
        "FD",
        "FL",
        "IS",
        "LO",
        "LT",
        "PN",
        "SH",
        "SL",
        "SS",
        "ST",
        "TM",
        "UI",
        "UL",
        "US",
    ]
)
"""Representations whose length has two bytes; that of every other one has four, also of those to come."""
_LONG = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"])
_CODE_MEANING = 0x00080104
_KEPT = 4096  # bytes of a value that are looked at
_DEPTH = 32
_MOST = 2_000_000
"""Elements of one header."""

#: What is read, by tag; the meaning of codes wherever it is nested.
WANTED = {
    0x00080016: "SOPClassUID",
    0x00080060: "Modality",
    0x00180015: "BodyPartExamined",
    0x0020000E: "SeriesInstanceUID",
    0x00120062: "PatientIdentityRemoved",
    0x00120063: "DeidentificationMethod",
    0x00120064: "DeidentificationMethodCodeSequence",
    0x00280301: "BurnedInAnnotation",
    0x00280302: "RecognizableVisualFeatures",
    0x00081030: "StudyDescription",
    0x0008103E: "SeriesDescription",
    0x00181030: "ProtocolName",
    0x00082218: "AnatomicRegionSequence",
}


@dataclass
class Dicom:
    """What a header says: texts by keyword (not to be shown), and the attributes that hold something that can name a
    person.
    """

    texts: dict[str, str] = field(default_factory=dict)
    naming: set[str] = field(default_factory=set)
    lists_files: bool = False
    """Whether it is a DICOMDIR (PS3.10, 8.6): what is in it is of other files."""


def is_dicom(beginning: bytes) -> bool:
    """Whether a file that begins so (132 bytes) is DICOM."""
    return beginning[_PREAMBLE : _PREAMBLE + 4] == b"DICM"


def _is_bare(beginning: bytes) -> bool:
    """Whether a file begins with an element of group 0002 or 0008, as those do that were written without a preamble."""
    return beginning[:2] in (b"\x02\0", b"\x08\0") and beginning[2:4] in _FIRST


_FIRST = frozenset(struct.pack("<H", number) for number in (0, 1, 2, 3, 5, 8, 0x10, 0x12, 0x16, 0x18, 0x20, 0x60))


def read(stream: IO[bytes], file: Path) -> Dicom:
    """The header of a file, from its beginning.

    Args:
        stream: The file, or what it unpacks to, at its beginning.
        file: The file, for the message of the error.

    Raises:
        DocumentError: It is cut off, or no DICOM.
    """
    beginning = stream.read(_PREAMBLE + 4)
    if not is_dicom(beginning):
        if not _is_bare(beginning):
            raise DocumentError("this is no DICOM file, and no NIfTI file either", source=str(file))
        stream.seek(0)
    found = Dicom()
    walk = _Walk(stream, found, file)
    try:
        syntax = walk.meta()
        walk.data(syntax)
    except _CutOffError:
        raise DocumentError("the DICOM file is cut off, or not as its header says", source=str(file)) from None
    return found


class _CutOffError(Exception):
    pass


@dataclass(frozen=True)
class _Form:
    """How elements are written: the order of bytes as `struct` names it, and whether they name their representation."""

    order: str = "<"
    explicit: bool = True


_UNKNOWN_INSIDE = _Form(explicit=False)
"""What a sequence of unknown representation (UN) is written in (PS3.5, 6.2.2)."""


class _Walk:
    """A walk over the elements of a file, in the order in which they stand."""

    def __init__(self, stream: IO[bytes], found: Dicom, file: Path) -> None:
        self._stream, self._found, self._file = stream, found, file
        self._at, self._count, self._ahead = 0, 0, b""

    def meta(self) -> str:
        """Read the file's own group (0002), and no more; its transfer syntax.

        Whether elements name their representation the first of them tells: files say it wrongly.
        """
        syntax = ""
        while True:
            tag = self._tag(_Form())
            if tag >> 16 != 2:
                named = self._take(2).decode("latin-1").isupper()
                self._stream.seek(-6, os.SEEK_CUR)
                return syntax if named or syntax == _DEFLATED else _IMPLICIT
            _representation, length = self._length(_Form())
            value = self._value(length)
            if tag == _SYNTAX:
                syntax = value.decode("latin-1").strip(" \0")
            elif tag == _KIND:
                self._found.lists_files = value.strip(b" \0") == _DIRECTORY.encode()

    def data(self, syntax: str) -> None:
        """Read the data set."""
        if syntax == _DEFLATED:
            self._stream = unpack(self._stream, DEFLATE, self._file)
        self._at = 0
        self._elements(_Form(">" if syntax == _BIG else "<", explicit=syntax != _IMPLICIT), None, 0, "")
        drain(self._stream)

    def _elements(self, form: _Form, end: int | None, depth: int, inside: str) -> bool:
        """Read elements to a place in the file, or to what ends them; whether one holds something.

        `inside` is the outermost attribute that they belong to; `+` before it: it can name a person itself.
        """
        filled = False
        while end is None or self._at < end:
            if depth == 0 and not self._more():
                return filled
            tag = self._tag(form)
            if tag in (_ITEM_END, _SEQUENCE_END) and end is None and depth:
                self._take(4)
                return filled
            self._count += 1
            if self._count > _MOST:
                raise DocumentError(f"its header has more than {_MOST} elements", source=str(self._file))
            filled |= self._element(form, tag, depth, inside)
            if end is not None and self._at > end:
                raise _CutOffError
        return filled

    def _element(self, form: _Form, tag: int, depth: int, inside: str) -> bool:
        representation, length = self._length(form) if form.explicit else ("", self._number(form, 4))
        name = _naming(tag)
        keyword = WANTED.get(tag, "")
        if tag in _PIXELS:
            self._skip_pixels(form, length, whole=depth > 0)
            return False
        nested = representation == "SQ" or length == _UNDEFINED
        if not nested and representation in ("", "UN") and length >= 8:
            self._ahead = self._take(4)
            self._at -= 4
            nested = self._ahead == (b"\xff\xfe\xe0\x00" if form.order == ">" else b"\xfe\xff\x00\xe0")
        if nested:
            within = inside or (f"+{name}" if name else keyword)
            filled = self._sequence(_UNKNOWN_INSIDE if representation == "UN" else form, length, depth + 1, within)
            value = b""
        else:
            value = self._value(length)
            filled = bool(value.strip(b" \0"))
        if filled:
            self._note(name, keyword if not depth else "", value, inside, tag)
        return filled

    def _note(self, name: str, keyword: str, value: bytes, inside: str, tag: int) -> None:
        """Keep what an element says that holds something."""
        if name and not inside.startswith("+"):
            self._found.naming.add(name)
        if keyword:
            self._found.texts.setdefault(keyword, value.decode("latin-1").strip(" \0"))
        elif tag == _CODE_MEANING and inside == "AnatomicRegionSequence":
            text = value.decode("latin-1").strip(" \0")
            self._found.texts[inside] = f"{self._found.texts.get(inside, '')} {text}".strip()

    def _sequence(self, form: _Form, length: int, depth: int, inside: str) -> bool:
        if depth > _DEPTH:
            raise DocumentError(f"its header is nested more than {_DEPTH} deep", source=str(self._file))
        end = None if length == _UNDEFINED else self._at + length
        filled = False
        while end is None or self._at < end:
            tag, size = self._tag(form), self._number(form, 4)
            if tag == _SEQUENCE_END and end is None:
                return filled
            if tag != _ITEM:
                raise _CutOffError
            filled |= self._elements(form, None if size == _UNDEFINED else self._at + size, depth, inside)
        if end is not None and self._at > end:
            raise _CutOffError
        return filled

    def _skip_pixels(self, form: _Form, length: int, *, whole: bool) -> None:
        """Pass over an image; one that is cut off ends the file, and the header before it was whole."""
        try:
            if length != _UNDEFINED:
                self._pass(length)
                return
            while self._tag(form) == _ITEM:
                self._pass(self._number(form, 4))
            self._take(4)
        except _CutOffError:
            if whole:
                raise

    def _tag(self, form: _Form) -> int:
        group, element = struct.unpack(f"{form.order}HH", self._take(4))
        return int(group) << 16 | int(element)

    def _length(self, form: _Form) -> tuple[str, int]:
        """The representation and the length of an element that names its representation."""
        representation = self._take(2).decode("latin-1")
        if not representation.isascii() or not representation.isupper():
            raise _CutOffError
        short = self._number(form, 2)
        # One that is not known may have been written in either way: the two bytes before a long length are zeros.
        if representation in _SHORT or (short and representation not in _LONG):
            return representation, short
        return representation, self._number(form, 4)

    def _number(self, form: _Form, size: int) -> int:
        return int.from_bytes(self._take(size), "big" if form.order == ">" else "little")

    def _value(self, length: int) -> bytes:
        """The beginning of a value, which is passed over."""
        value = self._take(min(length, _KEPT))
        self._pass(length - len(value))
        return value

    def _more(self) -> bool:
        """Whether anything follows."""
        if not self._ahead:
            self._ahead = self._stream.read(1)
        return bool(self._ahead)

    def _take(self, count: int) -> bytes:
        found, self._ahead = self._ahead[:count], self._ahead[count:]
        found += self._stream.read(count - len(found))
        if len(found) < count:
            raise _CutOffError
        self._at += count
        return found

    def _pass(self, count: int) -> None:
        if count and not skip(self._stream, count):
            raise _CutOffError
        self._at += count


def _naming(tag: int) -> str:
    """The keyword of an attribute that can name a person; empty for another."""
    group, element = tag >> 16, tag & 0xFFFF
    if group & 1:
        return "PrivateAttributes"
    if group & 0xFF00 == 0x5000:
        return "CurveData"
    if group & 0xFF00 == 0x6000 and element in (0x3000, 0x4000):
        return "OverlayData" if element == 0x3000 else "OverlayComments"
    return NAMING.get(tag, "")
