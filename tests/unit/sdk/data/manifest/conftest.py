"""A folder of data to describe."""

import pytest


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "wisconsin.csv").write_text("id,mean radius,benign,note\n1,17.99,0,\n2,20,1,ok\n")
    (tmp_path / "scan").write_bytes(b"\x00" * 128 + b"DICM" + b"rest")
    (tmp_path / "brain.nii.gz").write_bytes(b"\x1f\x8b")
    return tmp_path
