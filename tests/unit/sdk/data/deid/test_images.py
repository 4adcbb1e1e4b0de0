"""What the headers of images say, and what they do not."""

from pathlib import Path

import pytest

from medconsent.data.deid.images import read_headers
from medconsent.errors import DocumentError


def test_dicom_headers_are_counted_by_modality_and_body_part_without_their_values():
    pydicom = pytest.importorskip("pydicom")
    from pydicom.data import get_testdata_file  # noqa: PLC0415

    files = [Path(get_testdata_file(name)) for name in ("CT_small.dcm", "MR_small.dcm")]
    found = read_headers(files)
    assert [(headers.modality, headers.volumes) for headers in found] == [("CT", 1), ("MR", 1)]
    text = str(found)
    for file in files:
        header = pydicom.dcmread(file, stop_before_pixels=True)
        assert str(header.PatientName) not in text
        assert str(header.PatientID) not in text
    assert any(name.startswith("PatientName") for headers in found for name in headers.naming)
    assert all(headers.statement()["faces"] == "present" for headers in found)


def test_nifti_headers_have_nothing_to_say_of_the_body():
    pytest.importorskip("nibabel")
    from nibabel.testing import data_path  # noqa: PLC0415

    (found,) = read_headers([Path(data_path) / "example4d.nii.gz"])
    assert (found.modality, found.body_part, found.volumes) == ("OT", "other", 1)


def test_what_is_no_image_is_refused(tmp_path):
    for name in ("x.dcm", "x.nii"):
        file = tmp_path / name
        file.write_bytes(b"nothing of the kind" * 20)
        with pytest.raises(DocumentError, match="this is no"):
            read_headers([file])
