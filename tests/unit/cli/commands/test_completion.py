"""`medconsent completion`: a script for each shell."""

import pytest

from medconsent_cli.main import run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert "_MEDCONSENT_COMPLETE" in capsys.readouterr().out
