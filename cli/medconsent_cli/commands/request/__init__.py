"""`medconsent request`: ask for data, see what a request waits for, and decide on it."""

from medconsent_cli.app import shape
from medconsent_cli.commands.request.amend import amend, withdraw
from medconsent_cli.commands.request.draft import draft
from medconsent_cli.commands.request.purge import purge
from medconsent_cli.commands.request.remarks import invite, remark
from medconsent_cli.commands.request.show import list_, show
from medconsent_cli.commands.request.submit import submit
from medconsent_cli.commands.request.votes import approve, close, recuse, reject, return_

request = shape.group(
    "request",
    help="Ask for data; approve or reject what others ask.",
    examples="""
    medconsent inbox
    medconsent request show 5f0c2a
    """,
)

for _command in (
    submit,
    amend,
    list_,
    show,
    approve,
    reject,
    recuse,
    return_,
    close,
    withdraw,
    remark,
    invite,
    draft,
    purge,
):
    request.add_command(_command)
