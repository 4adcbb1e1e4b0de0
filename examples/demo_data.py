"""The data of the demo: real, and all of it out of installed packages; nothing is downloaded.

- scikit-learn's table of the Breast Cancer Wisconsin (Diagnostic) study: 569 tumours, 30 measurements each;
- pydicom's packaged CT and MR images (DICOM), nibabel's packaged volumes (NIfTI).
"""

import csv
import shutil
from importlib.util import find_spec
from pathlib import Path

DICOM = ("CT_small.dcm", "MR_small.dcm", "MR_small_RLE.dcm", "examples_overlay.dcm")
NIFTI = ("anatomical.nii", "functional.nii", "example4d.nii.gz", "example_nifti2.nii.gz")


def wisconsin(folder: Path) -> Path:
    """Write the Wisconsin table as a CSV file with a header into `folder`, which is made; gives the folder."""
    from sklearn.datasets import load_breast_cancer  # noqa: PLC0415  (slow to import: only when the table is made)

    table = load_breast_cancer()
    folder.mkdir(parents=True)
    with (folder / "wisconsin.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([name.replace(" ", "_") for name in table.feature_names] + ["diagnosis"])
        for values, target in zip(table.data, table.target, strict=True):
            writer.writerow([*(repr(float(value)) for value in values), table.target_names[target]])
    return folder


def images(folder: Path) -> Path:
    """Copy the packaged CT, MR and NIfTI files into `folder`/dicom and `folder`/nifti; gives the folder."""
    for name, source, files in (
        ("dicom", _package("pydicom") / "data" / "test_files", DICOM),
        ("nifti", _package("nibabel") / "tests" / "data", NIFTI),
    ):
        (folder / name).mkdir(parents=True)
        for file in files:
            shutil.copyfile(source / file, folder / name / file)
    return folder


def _package(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(
            f"the demo's data is in the package {name}, which is not installed: pip install 'medconsent[demo]'"
        )
    return Path(spec.submodule_search_locations[0])
