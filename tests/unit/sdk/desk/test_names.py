"""The names of an institution's own people, kept for this machine alone."""

import stat

import pytest

from medconsent.desk.names import StaffNames
from medconsent.errors import DocumentError


def test_names_are_kept_for_this_machine_alone(tmp_path):
    names = StaffNames("nuri", tmp_path)
    assert names.read() == {}
    names.set("kim", "  Kim Minji ")
    names.set("1e5", "NO")
    assert names.read() == {"1e5": "NO", "kim": "Kim Minji"}
    assert stat.S_IMODE(names.path.stat().st_mode) == 0o600
    assert names.path == tmp_path / "contexts" / "nuri" / "names.yaml"
    names.remove("1e5")
    with pytest.raises(DocumentError, match="1e5 has no name"):
        names.remove("1e5")
    names.remove("kim")
    assert names.read() == {}
    for bad in ("", " ", "a\nb", "x" * 101, "\u202ekim"):
        with pytest.raises(DocumentError, match="a name is one line"):
            names.set("kim", bad)
