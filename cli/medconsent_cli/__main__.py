"""`python -m medconsent_cli` is `medconsent`."""

from medconsent_cli.start import main

main()
