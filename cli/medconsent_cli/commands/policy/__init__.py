"""`medconsent policy`: what may be done with a dataset, who must agree, and for how long."""

from medconsent_cli.app import shape
from medconsent_cli.commands.policy.diff import diff
from medconsent_cli.commands.policy.explain import explain
from medconsent_cli.commands.policy.lint import lint
from medconsent_cli.commands.policy.offer import offer
from medconsent_cli.commands.policy.set import set_
from medconsent_cli.commands.policy.show import show
from medconsent_cli.commands.policy.verify import verify

policy = shape.group(
    "policy",
    help="Conditions of use, approvals needed, limits.",
    examples="""
    medconsent policy lint policy.yaml
    medconsent policy set hanbit/breast-cancer --policy policy.yaml
    """,
)

for _command in (
    show,
    set_,
    lint,
    explain,
    diff,
    offer,
    verify,
):
    policy.add_command(_command)
