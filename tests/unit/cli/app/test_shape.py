"""Options that stand anywhere."""

import pytest

from medconsent_cli.app.shape import Command, Group
from medconsent_cli.app.state import App


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json", "--context", "a/b", "--wait-block", "7", "--timeout", "2", "noun", "verb"],
        ["noun", "--json", "--context", "a/b", "--wait-block", "7", "--timeout", "2", "verb"],
        ["noun", "verb", "--json", "--context", "a/b", "--wait-block", "7", "--timeout", "2"],
        ["--context", "x/y", "noun", "--json", "--timeout", "2", "verb", "--context", "a/b", "--wait-block", "7"],
    ],
)
def test_options_may_stand_anywhere(arguments: list[str]) -> None:
    root, noun = Group("root"), Group("noun")
    root.add_command(noun)
    noun.add_command(Command("verb", callback=lambda: None))
    app = App()
    root.main(arguments, standalone_mode=False, obj=app)
    assert (app.json, app.context, app.wait_block, app.timeout) == (True, "a/b", 7, 2.0)
