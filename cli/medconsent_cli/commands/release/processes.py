"""`medconsent release keyholder` and `medconsent release serve`: the two processes of the door before the data."""

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DURATION

if TYPE_CHECKING:
    import uvicorn

    from medconsent.services.release.transfers import Transfers

_ANSWERS_WITHIN = 5.0  # seconds for the peer's answer, after which there is none
_ANSWERS_TO_SERVER = 15.0


@click.command(
    "keyholder",
    cls=Command,
    help="""Hold an archive's key, and give headers for receipts.

    It listens at a Unix socket and asks its own institution's peer. A header is given for a sealed receipt that is open
    and younger than ten minutes, for a file and a key that it names, once, while its grant permits it. Run it as a user
    of its own: what faces the network must not read its folder.""",
    examples="""
    medconsent release keyholder --folder ./keyholder
    """,
)
@click.option(
    "--folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Its key, headers and journal.",
)
@click.option(
    "--socket",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The socket. Default: keyholder.sock in the folder.",
)
@pass_app
def keyholder(app: App, *, folder: Path, path: Path | None) -> None:
    """See the help."""
    from medconsent.services.release import keyholder as service  # noqa: PLC0415
    from medconsent.services.release.ledger import facts  # noqa: PLC0415
    from medconsent.services.runtime.stop import Stop  # noqa: PLC0415

    app.timeout = app.timeout or _ANSWERS_WITHIN
    service.key_of(folder)
    place = path or folder / service.SOCKET
    with app.connect() as client:
        holder = service.Keyholder(folder, client.institution, lambda receipt: facts(client, receipt))
        with suppress(KeyboardInterrupt), Stop() as stop, service.Server(holder, place):
            _say(app, f"the keyholder of {client.institution} listens at {place}; key {holder.fingerprint}")
            while not stop.asked:
                stop.sleep(3600)
        holder.close()


@click.command(
    "serve",
    cls=Command,
    help="""Serve archives to those who hold grants. It has no key.

    Every request is signed with the key that stands on the ledger for the person. A receipt is written before anything
    leaves; when its grant permits it no longer, what runs is cut. Receipts that an earlier run of the same identity
    left open are said to be aborted first. ARCHIVE is an archive, or a folder with some in it: one that is made later
    is found. Needs the role `gateway`; two servers have two identities.""",
    examples="""
    medconsent release serve ./archive --keyholder ./keyholder/keyholder.sock --cert tls.pem --tls-key tls.key
    medconsent release serve ./archives --keyholder ./keyholder/keyholder.sock --cert tls.pem --tls-key tls.key \\
        --listen 0.0.0.0:7443
    """,
)
@click.argument(
    "archives",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="ARCHIVE...",
)
@click.option(
    "--keyholder", "socket", required=True, type=click.Path(path_type=Path), metavar="FILE", help="Its socket."
)
@click.option(
    "--cert", required=True, type=click.Path(exists=True, path_type=Path), metavar="FILE", help="TLS, in PEM."
)
@click.option("--tls-key", required=True, type=click.Path(exists=True, path_type=Path), metavar="FILE", help="Its key.")
@click.option("--listen", default="127.0.0.1:7443", show_default=True, metavar="HOST:PORT", help="Where it listens.")
@click.option(
    "--key-set",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The JWK set of `release visa`, shown at /.well-known/jwks.json.",
)
@click.option(
    "--idle",
    type=DURATION,
    default="5m",
    show_default=True,
    metavar="TIME",
    help="After this long a receipt that nobody fetches under is said to be aborted.",
)
@pass_app
def serve(
    app: App,
    *,
    archives: tuple[Path, ...],
    socket: Path,
    cert: Path,
    tls_key: Path,
    listen: str,
    key_set: Path | None,
    idle: int,
) -> None:
    """See the help."""
    from medconsent._internal import extras  # noqa: PLC0415
    from medconsent.errors import ReleaseError  # noqa: PLC0415
    from medconsent.services.runtime.server import parse_address  # noqa: PLC0415

    try:
        import uvicorn  # noqa: PLC0415 - an extra

        from medconsent.services.release.listening import configured  # noqa: PLC0415
        from medconsent.services.release.server import Server  # noqa: PLC0415
    except ImportError as error:
        raise ReleaseError("the web server is not installed", hint=extras.hint("release")) from error
    try:
        host, port = parse_address(listen)
    except ValueError as error:
        raise click.UsageError(f"--listen: {error}.") from None
    app.timeout = app.timeout or _ANSWERS_TO_SERVER
    with app.connect() as client:
        server = Server(client, [*archives], socket, idle=float(idle), key_set=key_set)
        if settled := server.settle():
            _say(app, f"receipts that were left open and are aborted now: {settled}")
        config = configured(server.app, host, port, cert, tls_key)
        _run(app, uvicorn.Server(config), server.transfers, host)


def _run(app: App, listening: "uvicorn.Server", transfers: "Transfers", host: str) -> None:
    """Serve until Ctrl-C or SIGTERM; what runs then is cut, and said to be aborted."""

    def told() -> None:
        while not listening.started and not listening.should_exit:
            time.sleep(0.05)
        if listening.started:
            port = listening.servers[0].sockets[0].getsockname()[1]
            _say(app, f"serving at https://{host}:{port}")

    transfers.start()
    threading.Thread(target=told, daemon=True).start()
    try:
        with suppress(KeyboardInterrupt):
            listening.run()
    finally:
        transfers.stop()


def _say(app: App, text: str) -> None:
    if app.json:
        import json  # noqa: PLC0415

        click.echo(json.dumps({"told": text}))
    else:
        output.line(output.safe(text))
