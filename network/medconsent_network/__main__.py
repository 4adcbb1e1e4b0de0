"""`python -m medconsent_network`."""

from medconsent_network.main import main

if __name__ == "__main__":
    main()
