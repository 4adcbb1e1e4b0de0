"""What Prometheus and Grafana read: whom to scrape, when to alert, what to show. Written anew as often as wished."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from medconsent_network import files, processes
from medconsent_network.home import Home
from medconsent_network.processes.process import data

ALERTS, SCRAPE, DASHBOARD = "alerts.yml", "prometheus.yml", "dashboard.json"
_INTERVAL = "15s"


def write(homes: Sequence[Home], out: Path) -> list[Path]:
    """Write Prometheus' configuration, its alert rules and a dashboard for Grafana into a folder.

    Args:
        homes: Whose processes are scraped; they are on this host, because their listeners are.
        out: The folder. Prometheus has to run as a user who may read the scraper's key in each home.
    """
    files.private_folder(out)
    for name, text in ((ALERTS, data(ALERTS)), (DASHBOARD, json.dumps(dashboard(), indent=1) + "\n")):
        files.write_private(out / name, text)
    files.write_yaml(out / SCRAPE, scraping(homes))
    return [out / SCRAPE, out / ALERTS, out / DASHBOARD]


def scraping(homes: Iterable[Home]) -> dict[str, Any]:
    """Prometheus' configuration: every operations listener of the homes, each over mutual TLS with its own keys."""
    return {
        "global": {"scrape_interval": _INTERVAL, "evaluation_interval": _INTERVAL},
        "rule_files": [ALERTS],
        "scrape_configs": [_job(home) for home in homes],
    }


def _job(home: Home) -> dict[str, Any]:
    scraper = home.operations_client("scraper")
    return {
        "job_name": home.name,
        "scheme": "https",
        "scrape_timeout": "10s",
        "honor_labels": True,  # the home's own metrics say themselves of which process they are
        "tls_config": {
            "ca_file": str(home.tls_root),
            "cert_file": str(scraper / "cert.pem"),
            "key_file": str(scraper / "key.pem"),
        },
        "static_configs": [
            {
                "targets": [f"127.0.0.1:{home.institution.port(service)}"],
                "labels": {"institution": home.name, "process": process.name},
            }
            for process in processes.of(home)
            for service in process.services
            if service in (f"{process.name}-operations", "metrics")
        ],
    }


PANELS: tuple[tuple[str, str, str, str], ...] = (
    ("Blocks", "ledger_blockchain_height", "{{institution}}", "short"),
    (
        "Blocks behind the others",
        "max by (institution) (medconsent_height_heard) - on (institution) "
        'max by (institution) (medconsent_height{process="peer"})',
        "{{institution}}",
        "short",
    ),
    (
        "Transactions a second, by what became of them",
        "sum by (institution, validation_code) (rate(ledger_transaction_count[1m]))",
        "{{institution}} {{validation_code}}",
        "ops",
    ),
    (
        "Proposals: 95 of 100 within",
        "histogram_quantile(0.95, sum by (institution, le) (rate(endorser_proposal_duration_bucket[5m])))",
        "{{institution}}",
        "s",
    ),
    (
        "A block is written: 95 of 100 within",
        "histogram_quantile(0.95, sum by (institution, le) (rate(ledger_block_processing_time_bucket[5m])))",
        "{{institution}}",
        "s",
    ),
    ("Orderer that leads", "consensus_etcdraft_is_leader", "{{institution}}", "short"),
    (
        "Envelopes a second at the orderer, by its answer",
        "sum by (institution, status) (rate(broadcast_processed_count[1m]))",
        "{{institution}} {{status}}",
        "ops",
    ),
    ("Processes that serve", "medconsent_process_serves", "{{institution}} {{process}}", "short"),
    ("Alarms and troubles", "medconsent_alarm + medconsent_process_trouble", "{{institution}} {{process}}", "short"),
    (
        "Days that certificates hold",
        "(medconsent_certificate_ends_seconds - time()) / 86400",
        "{{institution}} {{certificate}}",
        "d",
    ),
    ("Disk free", "medconsent_disk_free_bytes / medconsent_disk_size_bytes", "{{institution}}", "percentunit"),
    ("Memory", "process_resident_memory_bytes", "{{institution}} {{process}}", "bytes"),
    ("File descriptors in use", "process_open_fds / process_max_fds", "{{institution}} {{process}}", "percentunit"),
)
"""The panels of the dashboard: title, what is asked, what a line is called, unit (Grafana's word)."""


def dashboard() -> dict[str, Any]:
    """The dashboard, in Grafana's format; it asks for the Prometheus that it is to read when it is imported."""
    return {
        "__inputs": [
            {"name": "DS_PROMETHEUS", "label": "Prometheus", "type": "datasource", "pluginId": "prometheus"},
        ],
        "title": "medconsent",
        "uid": "medconsent-network",
        "schemaVersion": 36,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "panels": [_panel(number, *panel) for number, panel in enumerate(PANELS)],
    }


def _panel(number: int, title: str, expression: str, legend: str, unit: str) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "datasource": source,
        "gridPos": {"x": 12 * (number % 2), "y": 8 * (number // 2), "w": 12, "h": 8},
        "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
        "targets": [{"refId": "A", "datasource": source, "expr": expression, "legendFormat": legend}],
    }
