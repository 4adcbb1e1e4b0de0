"""Real data without a download: files that ship inside scikit-learn, pydicom, nibabel and pydeface."""

import shutil
from importlib import resources
from pathlib import Path

import nibabel
import numpy as np
import pydicom.data
from sklearn.datasets import load_breast_cancer


def write_wisconsin(folder: Path) -> Path:
    """scikit-learn's Wisconsin diagnostic breast cancer table (569 rows) as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    table = load_breast_cancer(as_frame=True).frame
    path = folder / "wisconsin.csv"
    table.to_csv(path, index=False)
    return path


def write_images(folder: Path) -> list[Path]:
    """pydicom's packaged CT and MR slices and nibabel's packaged NIfTI volume."""
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    sources = [Path(pydicom.data.get_testdata_file(name, download=False)) for name in ("CT_small.dcm", "MR_small.dcm")]
    sources.append(Path(nibabel.__file__).parent / "tests" / "data" / "example4d.nii.gz")
    return [Path(shutil.copy(source, images / source.name)) for source in sources]


def write_head(folder: Path, *, with_face: bool) -> Path:
    """A real head, T1-weighted and averaged from several people (pydeface's template); without its face when its mask
    was applied.
    """
    data = resources.files("pydeface") / "data"
    head, mask = (nibabel.load(str(data / f"{name}.nii.gz")) for name in ("mean_reg2mean", "facemask"))
    voxels = np.asanyarray(head.dataobj)
    if not with_face:
        voxels = (voxels * (np.asanyarray(mask.dataobj) > 0)).astype(voxels.dtype)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "head.nii.gz"
    nibabel.save(nibabel.Nifti1Image(voxels, head.affine, head.header), file)
    return file
