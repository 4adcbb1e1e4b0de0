"""The demo leaves no keys behind: not when it ends, and not when the network that it kept is cleaned."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from medconsent_network.consortium import Consortium
from medconsent_network.errors import NetworkError

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The demo, whose network does not come up; by then there is a network's folder, and somebody's key."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import demo  # noqa: PLC0415

    def bring_up(consortium: Consortium, desk: Any) -> None:
        key = desk.folder / "contexts" / "contexts" / "nuri" / "kim" / "key.pem"
        key.parent.mkdir(parents=True)
        key.write_text("a key")
        (consortium.folder / "consortium.yaml").write_text(consortium.spec.to_yaml())
        raise NetworkError("TIMEOUT", "it does not come up")

    monkeypatch.setattr(demo, "bring_up", bring_up)
    return demo


def keys(folder: Path) -> list[Path]:
    return [*folder.rglob("*.pem")]


def test_without_keep_nothing_stays(demo: ModuleType, tmp_path: Path) -> None:
    assert not demo.run(tmp_path, demo.sample(), keep=False)
    assert [*tmp_path.iterdir()] == []


def test_a_network_that_does_not_stop_keeps_no_keys(
    demo: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clean(_consortium: Consortium) -> None:
        raise NetworkError("TIMEOUT", "a process does not end")

    monkeypatch.setattr(Consortium, "clean", clean)
    with pytest.raises(NetworkError):
        demo.run(tmp_path, demo.sample(), keep=False)
    assert not keys(tmp_path)


def test_what_the_closing_text_names_takes_the_keys_too(
    demo: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not demo.run(tmp_path, demo.sample(), keep=True)
    assert keys(tmp_path)
    told = capsys.readouterr().out
    assert f"--network {tmp_path / 'network'} clean --yes" in told
    assert f"MEDCONSENT_HOME={keys(tmp_path)[0].parents[3]} " in told
    Consortium.at(tmp_path / "network").clean()
    assert [*tmp_path.iterdir()] == []
