"""The desk's metrics as plain numbers: nothing global, nothing that is not declared.

Only showing them takes the client library: a desk starts without it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from attrs import Factory, define

from adapters.prometheus.declarations import BUILD_INFO, DECLARATIONS, Kind
from domain.policies import Mode
from ports.metrics import Metrics

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

Labels = tuple[str, ...]  # values, in the order in which the declaration names them


@define
class _Durations:
    """How many durations ended in each bucket, one more for those above the last, and their sum in seconds."""

    counts: list[int]
    total: float = 0.0


@define
class _Recorded:
    """All that was recorded under one name."""

    values: dict[Labels, float] = Factory(dict)
    durations: dict[Labels, _Durations] = Factory(dict)


class PrometheusMetrics(Metrics):
    """Keeps the metrics; `expose` shows them. For one thread.

    Every method raises ValueError for a name or a label that is not declared: that is a bug, and never a matter of
    what happens at run time.
    """

    def __init__(self, *, version: str, mode: Mode) -> None:
        self._build = (version, mode.value)
        self._recorded = {name: _Recorded() for name in DECLARATIONS}
        for name, declared in DECLARATIONS.items():
            if declared.labels:
                continue
            if declared.kind is Kind.HISTOGRAM:  # it is shown as zero until something happens
                self._recorded[name].durations[()] = _no_durations(name)
            else:
                self._recorded[name].values[()] = 0.0

    def count(self, name: str, **labels: str) -> None:
        values, key = self._of(Kind.COUNTER, name).values, _key(name, labels)
        values[key] = values.get(key, 0.0) + 1

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        known, key = self._of(Kind.HISTOGRAM, name).durations, _key(name, labels)
        durations = known.get(key)
        if durations is None:
            durations = known[key] = _no_durations(name)
        durations.counts[bisect_left(DECLARATIONS[name].buckets, seconds)] += 1
        durations.total += seconds

    def gauge(self, name: str, value: float) -> None:
        self._of(Kind.GAUGE, name).values[()] = value

    def expose(self) -> bytes:
        """Return all metrics, and the process's own, in Prometheus' text format, UTF-8."""
        from prometheus_client.exposition import generate_latest
        from prometheus_client.process_collector import ProcessCollector

        registry = self._registry()
        ProcessCollector(registry=registry)
        return generate_latest(registry)

    def value(self, name: str, **labels: str) -> float:
        """Return one sample's value as it would be exposed, 0 where it was never recorded.

        A histogram has the samples `name_count` and `name_sum`.
        """
        return self._registry().get_sample_value(name, labels) or 0.0

    def collect(self) -> "Iterable[Metric]":
        """Return what there is to show, in the client library's own form: it asks its collectors by this name."""
        from prometheus_client.metrics_core import GaugeMetricFamily

        for name in DECLARATIONS:
            yield self._family(name)
        build = GaugeMetricFamily(BUILD_INFO, "Always 1: what runs here.", labels=("version", "mode"))
        build.add_metric(self._build, 1.0)
        yield build

    def _of(self, kind: Kind, name: str) -> _Recorded:
        declared = DECLARATIONS.get(name)
        if declared is None or declared.kind is not kind:
            told = f"metric {name!r} is not declared" if declared is None else f"metric {name!r} is a {declared.kind}"
            raise ValueError(f"{told}: add it to adapters/prometheus/declarations.py or use what is there")
        return self._recorded[name]

    def _registry(self) -> "CollectorRegistry":
        from prometheus_client.registry import CollectorRegistry

        registry = CollectorRegistry()
        registry.register(self)
        return registry

    def _family(self, name: str) -> "Metric":
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        declared, recorded = DECLARATIONS[name], self._recorded[name]
        if declared.kind is Kind.HISTOGRAM:
            histogram = HistogramMetricFamily(name, declared.help, labels=declared.labels)
            for key, durations in recorded.durations.items():
                histogram.add_metric(key, list(_buckets(name, durations)), durations.total)
            return histogram
        family_of = CounterMetricFamily if declared.kind is Kind.COUNTER else GaugeMetricFamily
        family: CounterMetricFamily | GaugeMetricFamily = family_of(name, declared.help, labels=declared.labels)
        for key, value in recorded.values.items():
            family.add_metric(key, value)
        return family


def _key(name: str, labels: dict[str, str]) -> Labels:
    declared = DECLARATIONS[name].labels
    if labels.keys() != set(declared):
        raise ValueError(f"metric {name!r} has the labels {declared}, got {tuple(labels)}")
    return tuple(labels[label] for label in declared)


def _no_durations(name: str) -> _Durations:
    return _Durations([0] * (len(DECLARATIONS[name].buckets) + 1))


def _buckets(name: str, durations: _Durations) -> Iterator[tuple[str, float]]:
    """Yield each bucket's upper bound and how many durations are not above it, as Prometheus counts them."""
    bounds = (*map(str, DECLARATIONS[name].buckets), "+Inf")
    return zip(bounds, accumulate(durations.counts), strict=True)
