"""The shape that all commands share: options that may stand anywhere, and examples in every help text.

`--json`, `--context`, `--wait-block` and `--timeout` are accepted by the program, by each group and by each command, so
that both `medconsent --json dataset list` and `medconsent dataset list --json` work; the last one given counts.
"""

from collections.abc import Iterable
from textwrap import dedent
from typing import Any

import click
from click.exceptions import NoSuchCommand

from medconsent_cli.app.at_home import leave_institutions_out
from medconsent_cli.app.state import App


def _keep(name: str) -> Any:
    def callback(ctx: click.Context, _param: click.Parameter, value: Any) -> None:
        if value is not None and not ctx.resilient_parsing:
            setattr(ctx.ensure_object(App), name, value)

    return callback


def _complete_context(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from medconsent_cli.app.contexts import complete  # noqa: PLC0415  (only a shell asking for completion needs it)

    return complete(ctx, param, incomplete)


class _Block(click.IntRange):
    """A block number; that it is not negative need not be said in every help text."""

    def _describe_range(self) -> str:
        return ""


class _Seconds(click.FloatRange):
    """A time to wait; that it is positive need not be said in every help text."""

    def _describe_range(self) -> str:
        return ""


def _everywhere() -> Iterable[click.Option]:
    """The options that every command accepts; made anew for each, as Click binds a parameter to its command."""
    shared: dict[str, Any] = {"expose_value": False, "default": None}
    yield click.Option(
        ["--json", "as_json"],
        is_flag=True,
        flag_value=True,
        callback=_keep("json"),
        help="Print JSON, for programs; errors too, on stderr.",
        **shared,
    )
    yield click.Option(
        ["--context", "use_context"],
        metavar="NAME",
        callback=_keep("context"),
        shell_complete=_complete_context,
        help="Act as this context, not the current one.",
        **shared,
    )
    yield click.Option(
        ["--wait-block", "wait_block"],
        metavar="N",
        type=_Block(min=0),
        callback=_keep("wait_block"),
        help="First wait until one's own peer holds block N.",
        **shared,
    )
    yield click.Option(
        ["--timeout", "timeout"],
        metavar="SECONDS",
        type=_Seconds(min=0, min_open=True),
        callback=_keep("timeout"),
        help="Wait so long for each answer, not longer.",
        **shared,
    )


class _Formatter(click.HelpFormatter):
    """Breaks no word at its hyphens: `clinical-care` is to be typed, and `docs/use-conditions.md` to be found."""

    _WHOLE = str.maketrans("-", "\N{NON-BREAKING HYPHEN}")

    def write_text(self, text: str) -> None:
        super().write_text(text.translate(self._WHOLE))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        whole = [(first, second.translate(self._WHOLE)) for first, second in rows]
        super().write_dl(whole, col_max, col_spacing)

    def getvalue(self) -> str:
        return super().getvalue().replace("\N{NON-BREAKING HYPHEN}", "-")


class _Context(click.Context):
    formatter_class = _Formatter


class _Shaped(click.Command):
    """Adds the options that stand anywhere, and the section `Examples`."""

    context_class = _Context
    examples: str

    def __init__(self, *args: Any, examples: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings.setdefault("help_option_names", ["-h", "--help"])
        self.examples = dedent(examples).strip()
        self.params.extend(_everywhere())

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; its parameters are kept, so that a refused member can be named by its option."""
        ctx.ensure_object(App).parameters = tuple(self.params)
        leave_institutions_out(ctx)
        return super().invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for line in self.examples.splitlines():
                    formatter.write(f"{'':>{formatter.current_indent}}{line}".rstrip() + "\n")


class Command(_Shaped):
    """One command: a verb on a noun."""


class Group(_Shaped, click.Group):
    """A noun. Its commands are listed in the order in which they are written, which is that of a first use."""

    command_class = Command
    group_class = type

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As Click, and with capital letters read as small ones where only they differ."""
        known = {name.casefold(): name for name in self.list_commands(ctx)}
        wanted = args[0]
        if wanted not in known.values() and wanted.casefold() in known:
            args = [known[wanted.casefold()], *args[1:]]
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as error:
            raise NoSuchCommand(error.command_name, possibilities=known.values(), ctx=ctx) from None


def group(name: str, *, help: str, examples: str) -> Group:
    """The group of a noun."""
    return Group(name, help=help, examples=examples)
