"""`medconsent consent`: what the people in the data permit, and that the withdrawn are excluded."""

from medconsent_cli.app import shape
from medconsent_cli.commands.consent.epochs import begin, end, epoch, key
from medconsent_cli.commands.consent.exclusions import exclude
from medconsent_cli.commands.consent.proofs import prove, verify
from medconsent_cli.commands.consent.show import list_, show

consent = shape.group(
    "consent",
    help="""What the people in the data permit.

    A cohort is the people behind some data. What they permit, and who is in and who is out, is recorded in numbered
    states, the epochs. All that leaves the institution is one hash over everybody (the root), and two ranges
    instead of counts. A withdrawal is in the next epoch.""",
    examples="""
    medconsent consent key oncology.key
    medconsent consent begin oncology --title "Oncology, form 3" --members members.csv --key oncology.key \\
        --consent consent.yaml
    medconsent consent prove hanbit/oncology P-000123 --members members.csv --key oncology.key --out proof.json
    """,
)

for _command in (
    key,
    begin,
    epoch,
    show,
    list_,
    exclude,
    prove,
    verify,
    end,
):
    consent.add_command(_command)
