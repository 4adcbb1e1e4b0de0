"""What the headers of images say about themselves: DICOM (PS3.3 C.7.1.1, C.7.6.1, PS3.15 annex E) and NIfTI-1.

Reading them needs the extra `medconsent[images]`. A header is what a device or a tool wrote into it: whether there is a
face in the voxels is not in it, and is not guessed here.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medconsent._internal.codec import Value
from medconsent.errors import DocumentError

#: DICOM attributes that name a person outright; what they hold is never shown, only whether they hold something.
_NAMING = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "OtherPatientIDs",
    "PatientAddress",
    "PatientTelephoneNumbers",
)
#: Those that say what was done, or what can still be seen.
_SAYING = ("PatientIdentityRemoved", "DeidentificationMethod", "BurnedInAnnotation", "RecognizableVisualFeatures")
#: Body Part Examined (PS3.16 annex L) to the contract's words.
_BODY_PARTS = {
    "HEAD": "head",
    "BRAIN": "head",
    "SKULL": "head",
    "FACE": "head",
    "ORBIT": "head",
    "HEADNECK": "head",
    "NECK": "neck",
    "CHEST": "chest",
    "LUNG": "chest",
    "ABDOMEN": "abdomen",
    "PELVIS": "pelvis",
    "BREAST": "breast",
    "SPINE": "spine",
    "CSPINE": "spine",
    "TSPINE": "spine",
    "LSPINE": "spine",
    "WHOLEBODY": "whole-body",
}


@dataclass(frozen=True)
class Headers(Value):
    """What the headers of some files of one modality and body part say.

    Attributes:
        modality: The modality, as `CT`.
        body_part: The part of the body; empty when the files do not say.
        volumes: How many volumes they are: a series of DICOM files is one, a NIfTI file is one.
        naming: Attributes that hold something that names a person, with how many files have them.
        saying: What the files say about their own de-identification (`attribute=value`), with how many say it.
    """

    modality: str
    body_part: str
    volumes: int
    naming: tuple[str, ...] = ()
    saying: tuple[str, ...] = ()

    def statement(self) -> dict[str, object]:
        """The entry of a statement to be completed: whether faces were removed is for a person to say."""
        return {
            "modality": self.modality or "OT",
            "body_part": self.body_part or "other",
            "faces": "present",
            "volumes": self.volumes,
            "checked": 0,
        }


def read_headers(files: Iterable[Path]) -> tuple[Headers, ...]:
    """The headers of DICOM files (each series one volume) and NIfTI files (each one volume), by modality and body part.

    Raises:
        DocumentError: It is neither, or the libraries are not installed.
    """
    volumes: dict[tuple[str, str], set[str]] = {}
    naming: dict[tuple[str, str], Counter[str]] = {}
    saying: dict[tuple[str, str], Counter[str]] = {}
    for file in files:
        kind, volume, names, says = _nifti(file) if _is_nifti(file) else _dicom(file)
        volumes.setdefault(kind, set()).add(volume)
        naming.setdefault(kind, Counter()).update(names)
        saying.setdefault(kind, Counter()).update(says)
    return tuple(
        Headers(modality, part, len(found), _counted(naming[modality, part]), _counted(saying[modality, part]))
        for (modality, part), found in sorted(volumes.items())
    )


def _counted(found: "Counter[str]") -> tuple[str, ...]:
    return tuple(f"{name} ({count})" for name, count in sorted(found.items()))


def _is_nifti(file: Path) -> bool:
    return file.name.endswith((".nii", ".nii.gz"))


def _dicom(file: Path) -> tuple[tuple[str, str], str, list[str], list[str]]:
    pydicom = _library("pydicom")
    try:
        header = pydicom.dcmread(file, stop_before_pixels=True)
    except OSError as error:
        raise DocumentError(f"it cannot be read: {error.strerror}", source=str(file)) from error
    except pydicom.errors.InvalidDicomError as error:
        raise DocumentError("this is no DICOM file, and its name is none of NIfTI's", source=str(file)) from error
    examined = str(header.get("BodyPartExamined", "")).upper()
    kind = str(header.get("Modality", "")).upper(), _BODY_PARTS.get(examined, "other")
    names = [name for name in _NAMING if str(header.get(name, "")).strip()]
    says = [f"{name}={_one(header.get(name))}" for name in _SAYING if header.get(name)]
    return kind, str(header.get("SeriesInstanceUID", file)), names, says


def _one(value: Any) -> str:
    return " ".join(str(value).split())[:100]


def _nifti(file: Path) -> tuple[tuple[str, str], str, list[str], list[str]]:
    nibabel = _library("nibabel")
    try:
        header = nibabel.load(file).header
    except (OSError, nibabel.filebasedimages.ImageFileError) as error:
        raise DocumentError(f"this is no NIfTI file: {error}", source=str(file)) from error
    # NIfTI-1 has no field for modality, body part or person; three free-text fields can hold anything.
    free = [name for name in ("descrip", "db_name", "intent_name") if header[name].tobytes().strip(b"\0 ")]
    return ("OT", "other"), str(file), [], [f"{name} is filled in" for name in free]


def _library(name: str) -> Any:
    import importlib  # noqa: PLC0415

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise DocumentError(
            f"reading images needs {name}, which is not installed", hint="pip install 'medconsent[images]'"
        ) from error
