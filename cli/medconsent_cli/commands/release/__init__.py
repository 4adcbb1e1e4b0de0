"""`medconsent release`: how data leaves: archives, and the two processes of the door before them."""

from medconsent_cli.app import shape
from medconsent_cli.commands.release.archive import archive
from medconsent_cli.commands.release.exclude import exclude
from medconsent_cli.commands.release.key import key
from medconsent_cli.commands.release.processes import keyholder, serve
from medconsent_cli.commands.release.visa import visa

release = shape.group(
    "release",
    help="""How data leaves its owner.

    A version is kept encrypted, with its keys apart (`release archive`). The keyholder gives a key only for a receipt
    on the ledger (`release keyholder`). The server faces the network and has no key (`release serve`). Whoever holds
    a grant fetches with `medconsent fetch`.""",
    examples="""
    medconsent release archive hanbit/breast-cancer ./version --out ./archive --headers ./keyholder
    medconsent release keyholder --folder ./keyholder
    medconsent release serve ./archive --keyholder ./keyholder/keyholder.sock --cert tls.pem --tls-key tls.key
    """,
)
for command in (archive, exclude, keyholder, serve, key, visa):
    release.add_command(command)
