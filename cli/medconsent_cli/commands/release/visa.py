"""`medconsent release visa`: what a check says now, for systems that read GA4GH Passports."""

from pathlib import Path

import click

from medconsent_cli.app import output
from medconsent_cli.app.files import write_file
from medconsent_cli.app.render import when
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app


@click.command(
    "visa",
    cls=Command,
    help="""Mint a visa of GA4GH Passports on a grant.

    The contract is asked at this moment whether the person may use the data; only then is there a visa: a JWT of the
    type ControlledAccessGrants, good for ten minutes at most, signed by a key of one's own institution. It opens
    nothing here: `medconsent fetch` takes no visa. --key-set writes the public key to where `release serve --key-set`
    shows it.""",
    examples="""
    medconsent release visa b2b2b2b2 --issuer https://release.hanbit.example:7443 --key visa.key --key-set jwks.json
    medconsent release visa b2b2b2b2 --person nuri/kim --issuer https://release.hanbit.example:7443 --key visa.key
    """,
)
@click.argument("grant", metavar="GRANT")
@click.option("--person", metavar="WHO", help="Whose visa, as nuri/kim. Default: of the only one who holds the grant.")
@click.option("--issuer", "address", required=True, metavar="URL", help="The institution's address as an issuer.")
@click.option(
    "--key",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The key that signs; made when it is not there.",
)
@click.option(
    "--key-set",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the JWK set with its public half; keys that are in it stay.",
)
@pass_app
def visa(app: App, *, grant: str, person: str | None, address: str, key: Path, key_set: Path | None) -> None:
    """See the help."""
    from medconsent.release.visas import Issuer, read_key_set  # noqa: PLC0415

    issuer = Issuer.of(address, key)
    if key_set is not None:
        made = issuer.key_set(read_key_set(key_set)) if key_set.exists() else issuer.key_set()
        write_file(str(key_set), made, replace=True)
    with app.asking("asking whether it is permitted") as client:
        minted = client.release.visa(grant, issuer, person=person)

    def people() -> None:
        output.line(minted.token)
        click.echo(f"of {minted.person}, until {when(minted.until)}", err=True)

    app.show(minted.to_json(), people)
