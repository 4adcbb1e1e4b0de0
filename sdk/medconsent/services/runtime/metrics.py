"""Metrics in the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/)."""

from collections.abc import Iterable
from typing import Protocol

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST
"""The media type of what `exposition` gives."""


class Source(Protocol):
    """What has metrics."""

    def families(self) -> Iterable[Metric]:
        """The metrics as they are now. Every label is there from the start, so that an alert can be written on it."""


def gauge(name: str, text: str, value: float) -> Metric:
    """A number that goes up and down; `text` is one sentence about it, for whoever reads the exposition.

    Args:
        name: The metric's name, as Prometheus permits it.
        text: One sentence about it, for whoever reads the exposition.
        value: The number now.
    """
    return GaugeMetricFamily(name, text, value)


def counter(name: str, text: str, value: float) -> Metric:
    """A number that only grows since the start; its name ends with `_total`.

    Args:
        name: The metric's name, which ends with `_total`.
        text: One sentence about it, for whoever reads the exposition.
        value: The number so far.
    """
    return CounterMetricFamily(name, text, value)


def counters(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    """Numbers that only grow since the start, one for each value of a label; the name ends with `_total`.

    Args:
        name: The metric's name, which ends with `_total`.
        text: One sentence about it, for whoever reads the exposition.
        label: What distinguishes the numbers, as `code`.
        values: Each value of the label, with the number so far.
    """
    family = CounterMetricFamily(name, text, labels=[label])
    for labelled, value in values:
        family.add_metric([labelled], value)
    return family


def exposition(source: Source) -> bytes:
    """The metrics of a source as text."""
    registry = CollectorRegistry()
    registry.register(_Once(source))
    return generate_latest(registry)


class _Once(Collector):
    def __init__(self, source: Source) -> None:
        self._source = source

    def collect(self) -> Iterable[Metric]:
        return self._source.families()
