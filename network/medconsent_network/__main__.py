"""`python -m medconsent_network`."""

from medconsent_network.start import main

if __name__ == "__main__":
    main()
