"""`python -m medconsent_network`."""

from medconsent_network.main import run

if __name__ == "__main__":
    run()
