"""A home is found where it stands."""

from collections.abc import Callable
from pathlib import Path

import pytest

from medconsent_network.errors import NetworkError
from medconsent_network.home import Home


def test_opened_where_it_stands(tmp_path: Path, make_home: Callable[..., Home]) -> None:
    home = make_home()
    assert Home.open(home.path) == home
    with pytest.raises(NetworkError, match="is not the home of an institution") as missing:
        Home.open(tmp_path / "hanbit")
    assert missing.value.code == "HOME_MISSING"
