"""`python -m medconsent_cli` is `medconsent`."""

from medconsent_cli.main import main

main()
