"""The desk's metrics in a Prometheus registry of its own: nothing global, nothing that is not declared."""

from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.process_collector import ProcessCollector

from adapters.prometheus.declarations import BUILD_INFO, DECLARATIONS, Declaration, Kind
from domain.policies import Mode
from ports.metrics import Metrics

M = TypeVar("M", Counter, Histogram, Gauge)


class PrometheusMetrics(Metrics):
    """Keeps the metrics; `expose` shows them.

    Every method raises ValueError for a name or a label that is not declared: that is a bug, and never a matter of
    what happens at run time.
    """

    def __init__(self, *, version: str, mode: Mode) -> None:
        self._registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}
        self._gauges: dict[str, Gauge] = {}
        for name, declared in DECLARATIONS.items():
            self._declare(name, declared)
        build = Gauge(BUILD_INFO, "Always 1: what runs here.", ("version", "mode"), registry=self._registry)
        build.labels(version, mode.value).set(1)
        ProcessCollector(registry=self._registry)

    def count(self, name: str, **labels: str) -> None:
        _labelled(self._counters, name, labels).inc()

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        _labelled(self._histograms, name, labels).observe(seconds)

    def gauge(self, name: str, value: float) -> None:
        _labelled(self._gauges, name, {}).set(value)

    def expose(self) -> bytes:
        """Return all metrics in Prometheus' text format, UTF-8."""
        return generate_latest(self._registry)

    def value(self, name: str, **labels: str) -> float:
        """Return one sample's value as it would be exposed, 0 where it was never recorded.

        A histogram has the samples `name_count` and `name_sum`.
        """
        return self._registry.get_sample_value(name, labels) or 0.0

    def _declare(self, name: str, declared: Declaration) -> None:
        match declared.kind:
            case Kind.COUNTER:
                self._counters[name] = Counter(name, declared.help, declared.labels, registry=self._registry)
            case Kind.HISTOGRAM:
                self._histograms[name] = Histogram(
                    name, declared.help, declared.labels, buckets=declared.buckets, registry=self._registry
                )
            case Kind.GAUGE:
                self._gauges[name] = Gauge(name, declared.help, declared.labels, registry=self._registry)


def _labelled(known: dict[str, M], name: str, labels: dict[str, str]) -> M:
    metric = known.get(name)
    if metric is None:
        kind = DECLARATIONS.get(name)
        told = f"metric {name!r} is not declared" if kind is None else f"metric {name!r} is a {kind.kind}"
        raise ValueError(f"{told}: add it to adapters/prometheus/declarations.py or use what is there")
    if not labels and not DECLARATIONS[name].labels:
        return metric
    if labels.keys() != set(DECLARATIONS[name].labels):
        raise ValueError(f"metric {name!r} has the labels {DECLARATIONS[name].labels}, got {tuple(labels)}")
    return metric.labels(**labels)
