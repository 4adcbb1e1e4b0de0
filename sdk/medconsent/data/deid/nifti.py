"""The header of a NIfTI volume: NIfTI-1 and NIfTI-2 (and so CIFTI), as it is or in gzip.

Neither says what was imaged how, or of whom. What they have is free text and extensions, which can hold anything: it is
told that there is some, and never what.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from medconsent.data.deid.unpacking import skip
from medconsent.errors import DocumentError

_MAGIC = {348: (344, (b"n+1\0", b"ni1\0")), 540: (4, (b"n+2\0", b"ni2\0"))}
_FREE_TEXT: Mapping[int, Mapping[str, tuple[int, int]]] = {
    348: {"db_name": (14, 18), "descrip": (148, 80), "aux_file": (228, 24), "intent_name": (328, 16)},
    540: {"descrip": (240, 80), "aux_file": (320, 24), "intent_name": (508, 16)},
}
"""By the size of the header: where each field of free text begins, and how long it is."""
_DIMENSIONS = {348: (40, "8h"), 540: (16, "8q")}
"""By the size of the header: where it says how many dimensions there are, and then how long each is."""
_MOST_DIMENSIONS = 7  # NIfTI-1.1, nifti1.h, and NIfTI-2 alike
_EXTENSIONS = {2: "DICOM", 4: "AFNI", 6: "comment", 18: "workflow", 30: "JIM", 32: "CIFTI", 38: "MATLAB"}
_MOST_EXTENSIONS = 1_000
_NEVER = 1 << 62


@dataclass(frozen=True)
class Nifti:
    """What a header has of text: names of fields that are filled in, and of extensions."""

    filled: tuple[str, ...]
    extensions: tuple[str, ...]


def is_nifti(beginning: bytes) -> bool:
    """Whether a file that begins so is a NIfTI volume: by the size of its header, in the order of either machine."""
    return len(beginning) >= 4 and _order(beginning) != ""


def read(stream: IO[bytes], file: Path) -> Nifti:
    """The header at the beginning of a stream.

    Args:
        stream: The file, or what it unpacks to, at its beginning.
        file: The file, for the message of the error.

    Raises:
        DocumentError: It is cut off, or none, or says dimensions that no image has.
    """
    beginning = stream.read(4)
    order = _order(beginning)
    if not order:
        raise DocumentError("this is no NIfTI file", source=str(file))
    (size,) = struct.unpack(f"{order}i", beginning)
    header = beginning + stream.read(size - 4)
    at, magics = _MAGIC[size]
    if len(header) < size or header[at : at + 4] not in magics:
        raise DocumentError("this is no whole NIfTI header", source=str(file))
    _refuse_dimensions(header, order, file)
    filled = [
        name for name, (begin, length) in _FREE_TEXT[size].items() if header[begin : begin + length].strip(b"\0 ")
    ]
    # In a pair of files the header ends with the file; otherwise the image begins where the header says.
    end = _image_begins(header, order, file) if header[at : at + 2] == b"n+" else _NEVER
    return Nifti(tuple(filled), tuple(_extensions(stream, order, size, end, file)))


def _refuse_dimensions(header: bytes, order: str, file: Path) -> None:
    at, form = _DIMENSIONS[len(header)]
    count, *lengths = struct.unpack_from(order + form, header, at)
    if not 1 <= count <= _MOST_DIMENSIONS:
        what = f"{count} dimensions, and an image has 1 to {_MOST_DIMENSIONS}"
    elif min(lengths[:count]) < 1:
        what = f"that a dimension is {min(lengths[:count])} long"
    else:
        return
    raise DocumentError(f"its header says {what}: it is damaged; make the file anew", source=str(file))


def _image_begins(header: bytes, order: str, file: Path) -> int:
    begins = (
        struct.unpack_from(f"{order}f", header, 108)
        if len(header) == 348
        else struct.unpack_from(f"{order}q", header, 168)
    )
    if not len(header) <= begins[0] < _NEVER:
        raise DocumentError("its header does not say where the image begins", source=str(file))
    return int(begins[0])


def _order(beginning: bytes) -> str:
    """In which order the bytes of numbers stand, as `struct` names it; empty when it is no NIfTI."""
    return next((order for order in "<>" if struct.unpack(f"{order}i", beginning[:4])[0] in _MAGIC), "")


def _extensions(stream: IO[bytes], order: str, at: int, end: int, file: Path) -> Iterator[str]:
    """The kinds of extensions that stand between a header and the image."""
    extender = stream.read(4)
    if len(extender) < 4 or not extender[0]:
        return
    at += 4
    for _ in range(_MOST_EXTENSIONS):
        head = stream.read(8) if at + 8 <= end else b""
        if len(head) < 8:
            return
        length, code = struct.unpack(f"{order}ii", head)
        if length < 8 or not skip(stream, length - 8):
            raise DocumentError("an extension of its header is cut off", source=str(file))
        at += length
        yield _EXTENSIONS.get(code, f"code {code}")
    raise DocumentError(f"its header has more than {_MOST_EXTENSIONS} extensions", source=str(file))
