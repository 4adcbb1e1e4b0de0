"""`medconsent-network metrics`: what Prometheus and Grafana are told, and what the home tells them."""

from pathlib import Path

import click

from medconsent_network.commands.homes import all_homes, of_one_home, the_home

# What talks to processes is imported by the command that needs it, as in `medconsent_network.main`.


@click.group()
def metrics() -> None:
    """Write what Prometheus and Grafana read, and serve the home's own metrics.

    \b
    Examples:
      medconsent-network metrics write --out monitoring
      prometheus --config.file monitoring/prometheus.yml
    """


@metrics.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder that they are written into.")
@of_one_home
@click.pass_obj
def write(network: Path, out: Path, institution: str | None, homes: Path | None) -> None:
    """Write Prometheus' configuration (over mutual TLS), alert rules and a dashboard for Grafana.

    Prometheus runs on the home's host, as a user who may read the scraper's key. After a change of ports, write
    them anew.

    \b
    Examples:
      medconsent-network metrics write --out monitoring
      medconsent-network metrics write --out /srv/monitoring --institution hanbit --homes /srv/homes
    """
    from medconsent_network.metrics import files  # noqa: PLC0415

    whole = (network / "consortium.yaml").is_file() and not (institution or homes)
    wanted = all_homes(network, None, None) if whole else [the_home(network, institution, homes)]
    for path in files.write(wanted, out.absolute()):
        click.echo(path)


@metrics.command()
@of_one_home
@click.pass_obj
def serve(network: Path, institution: str | None, homes: Path | None) -> None:
    """Serve what `status` says of the home, until it is stopped; a home does so where `watch.metrics` is true.

    \b
    Examples:
      medconsent-network metrics serve --institution hanbit --homes /srv/homes
    """
    from medconsent_network.metrics import serving  # noqa: PLC0415

    serving.serve(the_home(network, institution, homes)).join()
