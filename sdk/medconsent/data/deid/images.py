"""What the headers of images say about themselves: DICOM (PS3.3 C.7.1.1, C.7.6.1, PS3.15 annex E) and NIfTI.

A header is what a device or a tool wrote into it: whether there is a face in the voxels is not in it, and is not
guessed here. What the files do not say, or say in more than one way, is left to a person. No text of a header is shown:
neither in what these functions give nor in an error.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from medconsent._internal.codec import Value
from medconsent._internal.files import open_regular
from medconsent.contract import words
from medconsent.data.deid import dicom, nifti
from medconsent.data.deid.unpacking import GZIP, drain, unpack
from medconsent.errors import DocumentError

TO_DO = "TO FILL IN"
"""What stands in a draft where a person has to say something: the contract refuses it."""

_HEAD = "head"
_NECK = "neck"
_WHOLE = "whole-body"
#: Parts of the body (PS3.16 annex L, without spaces) to the contract's words.
_BODY_PARTS = {
    _HEAD: (
        "HEAD BRAIN SKULL FACE ORBIT EYE EYELID JAW MAXILLA MANDIBLE NOSE SINUS PARANASALSINUS ZYGOMA TMJ TMJOINT EAR "
        "INTERNALAUDITORYCANAL IAC MASTOID SELLA SELLATURCICA PITUITARY CEREBELLUM BRAINSTEM CIRCLEOFWILLIS "
        "INTRACRANIAL CEREBRALARTERY CEREBRALHEMISPHERE PETROUSBONE TEMPORALBONE NASALBONE FACIALBONES CHEEK CHIN "
        "FOREHEAD SCALP LIP MOUTH TONGUE TOOTH TEETH PALATE PAROTID SALIVARYGLAND SUBMANDIBULARGLAND NASOPHARYNX "
        "OROPHARYNX PHARYNX HEADNECK HEADANDNECK CEREBRUM DENTAL OPHTHALMIC RETINA"
    ),
    _NECK: "NECK CAROTID LARYNX THYROID HYOID CSPINE CERVICALSPINE CTSPINE NECKCHEST NECKCHESTABDOMEN NECKCHESTABDPELV",
    "chest": "CHEST LUNG THORAX HEART STERNUM RIB RIBS CLAVICLE MEDIASTINUM BRONCHUS CORONARYARTERY AORTICARCH",
    "abdomen": "ABDOMEN LIVER KIDNEY PANCREAS SPLEEN GALLBLADDER STOMACH COLON SMALLINTESTINE ADRENALGLAND",
    "pelvis": "PELVIS HIP PROSTATE BLADDER UTERUS OVARY RECTUM SACRUM COCCYX ABDOMENPELVIS ABDOPELVIS",
    "breast": "BREAST",
    "spine": "SPINE TSPINE LSPINE SSPINE LUMBARSPINE THORACICSPINE TLSPINE LSSPINE",
    "extremity": "ARM ELBOW WRIST HAND FINGER THUMB FOREARM HUMERUS SHOULDER LEG KNEE ANKLE FOOT TOE THIGH FEMUR TIBIA "
    "EXTREMITY UPPERLIMB LOWERLIMB CALF HEEL CALCANEUS PATELLA RADIUS ULNA SCAPULA",
    _WHOLE: "WHOLEBODY",
}
_PARTS = {term: part for part, terms in _BODY_PARTS.items() for term in terms.split()}
#: What in a description tells of a face, whatever the body part is said to be. Endings and neighbours count: `neuro`.
_FACE_WORDS = re.compile(
    r"HEAD|BRAIN|SKULL|CRANI|FACE|FACIAL|NECK|NEURO|CEREB|ORBIT|MAXILL|MANDIB|JAW|SINUS|ORAL|DENT|NASO|WHOLE.?BODY|EYE",
    re.IGNORECASE,
)
_DESCRIPTIONS = ("StudyDescription", "SeriesDescription", "ProtocolName", "AnatomicRegionSequence")
#: What a file says of its own de-identification in one of two words; those in free text are only told to be filled in.
_SAYING = ("PatientIdentityRemoved", "BurnedInAnnotation", "RecognizableVisualFeatures")
_METHODS = ("DeidentificationMethod", "DeidentificationMethodCodeSequence")
_NOT_HARMLESS = "OT"  # "other": a legal word, and so for a person to say
_UID = re.compile(r"\d+(?:\.\d+)+", re.ASCII)
_IMAGES = "1.2.840.10008.5.1.4.1.1."
#: What certain kinds of images are of (PS3.4, B.5): a header that calls them otherwise contradicts itself.
_MODALITIES = {
    _IMAGES + number: modality
    for modality, numbers in {"CT": "2 2.1 2.2", "MR": "4 4.1 4.3 4.4", "PT": "128 128.1 130"}.items()
    for number in numbers.split()
}


@dataclass(frozen=True)
class Headers(Value):
    """What the headers of some files of one modality and body part say.

    Attributes:
        modality: The modality, as `CT`; empty when the files do not say, or say a word that DICOM does not have.
        body_part: The part of the body; empty when the files do not say, or contradict themselves.
        volumes: How many volumes they are: a series of DICOM files is one, a NIfTI file is one, and so is a file that
            names no series. None of a DICOMDIR, which is no image.
        naming: Attributes that hold something that can name a person, with how many files have them.
        saying: What the files say about their own de-identification (`attribute=value`), and where they have text or
            extensions that can hold anything, with how many have it.
    """

    modality: str
    body_part: str
    volumes: int
    naming: tuple[str, ...] = ()
    saying: tuple[str, ...] = ()

    def statement(self) -> dict[str, object]:
        """The entry of a statement to be completed: whether faces were removed is for a person to say.

        So is a part of the body without a face, where faces can be seen: a header may call a head a knee.
        """
        showing = not self.modality or self.modality in words("face_kinds")
        sure = self.body_part in words("face_parts") or not showing
        return {
            "modality": self.modality or TO_DO,
            "body_part": self.body_part if self.body_part and sure else TO_DO,
            "faces": "present",
            "volumes": self.volumes,
            "checked": 0,
        }


@dataclass(frozen=True)
class _Seen:
    """What one file says."""

    modality: str
    body_part: str
    volume: str | None
    naming: tuple[str, ...]
    saying: tuple[str, ...]


def read_headers(files: Iterable[Path]) -> tuple[Headers, ...]:
    """The headers of DICOM and NIfTI files, by modality and body part.

    Raises:
        DocumentError: One is neither, is cut off, or unpacks to too much; nothing of what it holds is in the error.
    """
    volumes: dict[tuple[str, str], set[str | None]] = {}
    naming: dict[tuple[str, str], Counter[str]] = {}
    saying: dict[tuple[str, str], Counter[str]] = {}
    for file in files:
        try:
            seen = _read(file)
        except DocumentError as error:
            error.hint = error.hint or "copy the file from its source again, or leave it out"
            raise
        kind = seen.modality, seen.body_part
        volumes.setdefault(kind, set()).add(seen.volume)
        naming.setdefault(kind, Counter()).update(seen.naming)
        saying.setdefault(kind, Counter()).update(seen.saying)
    return tuple(
        Headers(modality, part, len(found - {None}), _counted(naming[modality, part]), _counted(saying[modality, part]))
        for (modality, part), found in sorted(volumes.items())
    )


def _counted(found: "Counter[str]") -> tuple[str, ...]:
    return tuple(f"{name} ({count})" for name, count in sorted(found.items()))


def _read(file: Path) -> _Seen:
    """What a file says; what it is shows its beginning, whatever it is called."""
    try:
        with open_regular(file) as stream:
            beginning = stream.peek(4)[:4]
            if beginning[:2] == b"\x1f\x8b":
                unpacked = unpack(stream, GZIP, file)
                found = nifti.read(unpacked, file)
                drain(unpacked)
                return _of_nifti(found, file)
            if nifti.is_nifti(beginning):
                return _of_nifti(nifti.read(stream, file), file)
            return _of_dicom(dicom.read(stream, file), file)
    except OSError as error:
        raise DocumentError(
            f"it cannot be read: {error.strerror or 'it cannot be sought in'}", source=str(file)
        ) from error


def _of_nifti(found: nifti.Nifti, file: Path) -> _Seen:
    saying = (
        *(f"{name} is filled in" for name in found.filled),
        *(f"{name} extension" for name in set(found.extensions)),
    )
    return _Seen("", "", str(file), (), saying)


def _of_dicom(found: dicom.Dicom, file: Path) -> _Seen:
    texts = found.texts
    if found.lists_files:
        return _Seen("", "", None, tuple(found.naming), ("a DICOMDIR: it lists files, and is no image",))
    modality = texts.get("Modality", "").upper()
    if modality != _MODALITIES.get(texts.get("SOPClassUID", ""), modality):
        modality = ""
    series = texts.get("SeriesInstanceUID", "")
    series = series if _UID.fullmatch(series) else ""  # whoever blanks UIDs may have written a word there
    saying = [f"{name}={texts[name]}" for name in _SAYING if texts.get(name) in ("YES", "NO")]
    saying += [f"{name} holds neither YES nor NO" for name in _SAYING if texts.get(name, "YES") not in ("YES", "NO")]
    saying += [f"{name} is filled in" for name in _METHODS if name in texts]
    saying += [] if series else ["no SeriesInstanceUID: counted as a volume of its own"]
    return _Seen(
        modality if modality in words("modalities") and modality != _NOT_HARMLESS else "",
        _body_part(texts),
        series or str(file),
        tuple(found.naming),
        tuple(saying),
    )


def _body_part(texts: dict[str, str]) -> str:
    """The contract's word for what a header says was examined; empty when it is for a person to say.

    A head is a head wherever a header says so: one among several parts, or a description beside another part.
    """
    said = [re.sub(r"[^A-Z]", "", one) for one in texts.get("BodyPartExamined", "").upper().split("\\")]
    parts = {_PARTS.get(one, _HEAD if _FACE_WORDS.search(one) else "") for one in said if one}
    for part in (_WHOLE, _HEAD, _NECK):
        if part in parts:
            return part
    if len(parts) != 1 or any(_FACE_WORDS.search(texts.get(name, "")) for name in _DESCRIPTIONS):
        return ""
    return parts.pop()
