"""`medconsent remind`: tell an institution what it has to see to, from cron or as a process."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from medconsent._internal import streams
from medconsent_cli.app import output
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DURATION

if TYPE_CHECKING:
    from medconsent.errors import MedconsentError
    from medconsent.services.remind.channels import Channel
    from medconsent.services.remind.service import Reminding, Round


@click.command(
    "remind",
    cls=Command,
    help="""Tell what one's institution has to see to.

    Break-glass that waits for a second person or is not justified, requests that wait for its committees, requests of
    its own that were returned, grants that end soon. One digest goes to each channel that is named, and each thing at
    most once a day: a file remembers. Without a channel everything is shown, and nothing remembered. Nothing that
    somebody wrote, and nobody's name or id, is in it. A channel that fails is told of and tried again the next time;
    the exit code is then 6.""",
    examples="""
    medconsent remind
    medconsent remind --older-than 3d --to-mail desk@hanbit.example --smtp mail.hanbit.example:25 \\
        --from medconsent@hanbit.example
    medconsent remind --every 1h --to-webhook https://chat.hanbit.example/hooks/desk --to-log reminders.log
    """,
)
@click.option(
    "--older-than",
    type=DURATION,
    default="3d",
    show_default=True,
    metavar="TIME",
    help="Of what waits, what waits longer.",
)
@click.option(
    "--ending-within",
    type=DURATION,
    default="14d",
    show_default=True,
    metavar="TIME",
    help="Of grants, what ends by then.",
)
@click.option(
    "--to-log",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Append to this file; `-`: stdout.",
)
@click.option("--to-webhook", metavar="URL", help="POST it there, as JSON; https or http.")
@click.option("--to-mail", metavar="ADDRESS", help="Mail it there; with --smtp and --from.")
@click.option("--smtp", metavar="HOST:PORT", help="The mail server; STARTTLS is used when it is offered.")
@click.option("--from", "sender", metavar="ADDRESS", help="Who the mail is from.")
@click.option("--every", type=DURATION, metavar="TIME", help="Go on, and look again after so long; Ctrl-C stops.")
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What was told when. Default: reminders.json in the context's folder.",
)
@click.option("--metrics", metavar="HOST:PORT", help="With --every: serve metrics there, for Prometheus.")
@click.option(
    "--metrics-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --every: write metrics there.",
)
@pass_app
def remind(
    app: App,
    *,
    older_than: int,
    ending_within: int,
    to_log: str | None,
    to_webhook: str | None,
    to_mail: str | None,
    smtp: str | None,
    sender: str | None,
    every: int | None,
    state: Path | None,
    metrics: str | None,
    metrics_file: Path | None,
) -> None:
    """See the help."""
    if every is not None and every < 1:
        raise click.UsageError("--every: at least a second.")
    channels = _channels(to_log, to_webhook, to_mail, smtp, sender, quiet=app.json)
    if every is not None and not channels:
        raise click.UsageError("--every tells each thing once a day: name a channel, as in --to-log -.")
    if (metrics or metrics_file) and every is None:
        raise click.UsageError("--metrics and --metrics-file are for a process that goes on: give --every.")
    from medconsent.services.remind.service import Reminding  # noqa: PLC0415

    service = Reminding(
        lambda: app.asking("reading what is to be seen to"),
        channels,
        state or _default_state(app),
        older_than=timedelta(seconds=older_than),
        ending_within=timedelta(seconds=ending_within),
    )
    if every is None:
        _finish(app, channels, service.once())
    else:
        _go_on(app, service, every, metrics, metrics_file)


def _go_on(app: App, service: "Reminding", every: int, metrics: str | None, file: Path | None) -> None:
    """Run the service until Ctrl-C or SIGTERM.

    Raises:
        click.UsageError: metrics cannot be served at that address.
    """
    from medconsent.services.remind.service import Listener  # noqa: PLC0415
    from medconsent.services.runtime.loop import Runtime  # noqa: PLC0415
    from medconsent.services.runtime.server import parse_address  # noqa: PLC0415

    try:
        runtime = Runtime(service, every=every, address=parse_address(metrics) if metrics else None, file=file)
    except ValueError as error:
        raise click.UsageError(f"--metrics: {error}.") from None

    def not_looked(error: "MedconsentError") -> None:
        click.echo(output.safe(f"not looked: {error.message}"), err=True)

    with suppress(KeyboardInterrupt), runtime:
        service.run(runtime, Listener(looked=lambda done: _report(app, done), not_looked=not_looked))


def _channels(
    to_log: str | None,
    to_webhook: str | None,
    to_mail: str | None,
    smtp: str | None,
    sender: str | None,
    *,
    quiet: bool,
) -> "list[Channel]":
    """The channels that the options name.

    Raises:
        click.UsageError: an address cannot be one, or one is missing.
    """
    import sys  # noqa: PLC0415

    from medconsent.services.remind.channels import Log, Mail, Webhook  # noqa: PLC0415

    channels: list[Channel] = []
    if to_webhook is not None:
        if not to_webhook.startswith(("https://", "http://")):
            raise click.UsageError("--to-webhook: an address begins with https:// or http://.")
        channels.append(Webhook(to_webhook))
    if to_mail is not None or smtp is not None or sender is not None:
        if to_mail is None or smtp is None or sender is None:
            raise click.UsageError("a mail needs all of --to-mail, --smtp and --from.")
        host, _colon, port = smtp.rpartition(":")
        if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
            raise click.UsageError(f"--smtp: {smtp!r} is no HOST:PORT.")
        for address in (to_mail, sender):
            if "@" not in address or any(char.isspace() or not char.isprintable() for char in address):
                raise click.UsageError(f"{address!r} is no mail address.")
        channels.append(Mail(to_mail, sender, host, int(port)))
    if to_log == "-":
        # With --json stdout is the result's alone.
        channels.append(Log(streams.insisting(sys.stderr if quiet else sys.stdout)))
    elif to_log is not None:
        channels.append(Log(Path(to_log)))
    return channels


def _default_state(app: App) -> Path:
    from medconsent.contexts import Contexts  # noqa: PLC0415

    return Contexts().get(app.context).folder / "reminders.json"


def _finish(
    app: App,
    channels: "list[Channel]",
    done: "Round",
) -> None:
    """The result of one run.

    Raises:
        Unreachable: A channel did not take it.
    """
    if done.failed:
        from medconsent.errors import Unreachable  # noqa: PLC0415

        raise Unreachable("; ".join(error.message for error in done.failed), hint=done.failed[0].hint)
    app.show(_value(done), lambda: _people(done, channels))


def _value(done: "Round") -> dict[str, Any]:
    return {**done.digest.to_json(), "told": [it.key for it in done.told]}


def _people(done: "Round", channels: "list[Channel]") -> None:
    if not channels:
        lines = done.digest.lines()
        for line in lines or ["nothing to see to"]:
            output.line(output.safe(line))
        if not lines:
            click.echo("what waits for a shorter time than --older-than is told by medconsent inbox", err=True)
    elif not done.told:
        click.echo("nothing new to see to", err=True)


def _report(app: App, done: "Round") -> None:
    """One round of a process that goes on: what fails is told of, and tried again in the next round."""
    for failure in done.failed:
        click.echo(output.safe(failure.message), err=True)
    if app.json:
        import json  # noqa: PLC0415

        click.echo(json.dumps(_value(done), separators=(",", ":")))
