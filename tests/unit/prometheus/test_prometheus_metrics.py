"""The metrics: declared in one table, kept in a registry of their own, exposed as text, documented."""

from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from adapters.prometheus.declarations import BUILD_INFO, DECLARATIONS, Kind
from adapters.prometheus.metrics import PrometheusMetrics
from domain.policies import Mode

DOCUMENTED = Path(__file__).parents[3] / "docs" / "metrics.md"


def metrics() -> PrometheusMetrics:
    return PrometheusMetrics(version="1.2.3", mode=Mode.SANDBOX)


def labels_of(name: str) -> dict[str, str]:
    return dict.fromkeys(DECLARATIONS[name].labels, "some")


def of_kind(kind: Kind) -> list[str]:
    return [name for name, declared in DECLARATIONS.items() if declared.kind is kind]


@pytest.mark.parametrize("name", of_kind(Kind.COUNTER))
def test_a_counter_counts(name: str) -> None:
    kept = metrics()
    assert kept.value(name, **labels_of(name)) == 0
    kept.count(name, **labels_of(name))
    kept.count(name, **labels_of(name))
    assert kept.value(name, **labels_of(name)) == 2


@pytest.mark.parametrize("name", of_kind(Kind.HISTOGRAM))
def test_a_histogram_keeps_number_and_sum_and_has_rising_buckets(name: str) -> None:
    kept = metrics()
    kept.observe(name, 0.25, **labels_of(name))
    kept.observe(name, 7200.0, **labels_of(name))
    assert kept.value(f"{name}_count", **labels_of(name)) == 2
    assert kept.value(f"{name}_sum", **labels_of(name)) == 7200.25
    assert list(DECLARATIONS[name].buckets) == sorted(set(DECLARATIONS[name].buckets))
    assert name.endswith("_seconds")


@pytest.mark.parametrize("name", of_kind(Kind.GAUGE))
def test_a_gauge_rises_and_falls(name: str) -> None:
    kept = metrics()
    kept.gauge(name, 3)
    kept.gauge(name, 1.5)
    assert kept.value(name) == 1.5


def test_what_is_not_declared_is_refused_by_its_name() -> None:
    kept = metrics()
    for record in (
        lambda: kept.count("alert_trader_nonsense_total"),
        lambda: kept.observe("alert_trader_nonsense_seconds", 1.0),
        lambda: kept.gauge("alert_trader_nonsense", 1.0),
    ):
        with pytest.raises(ValueError, match=r"nonsense.*not declared"):
            record()
    with pytest.raises(ValueError, match=r"alert_trader_halted.*gauge"):
        kept.count("alert_trader_halted")


@pytest.mark.parametrize("labels", [{}, {"verdict": "placed"}, {"verdict": "placed", "code": "none", "room": "1"}])
def test_labels_are_those_declared_and_no_others(labels: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"alert_trader_alerts_total.*verdict"):
        metrics().count("alert_trader_alerts_total", **labels)


def test_the_exposition_reads_back() -> None:
    kept = metrics()
    kept.count("alert_trader_halts_total", cause="operator")
    families = {family.name: family for family in text_string_to_metric_families(kept.expose().decode())}
    (halts,) = [sample for sample in families["alert_trader_halts"].samples if sample.name.endswith("_total")]
    assert (halts.labels, halts.value) == ({"cause": "operator"}, 1.0)
    (build,) = families[BUILD_INFO].samples
    assert (build.labels, build.value) == ({"version": "1.2.3", "mode": "sandbox"}, 1.0)


def test_two_desks_in_one_process_do_not_share_their_metrics() -> None:
    first, second = metrics(), metrics()
    first.count("alert_trader_exits_withheld_total")
    assert second.value("alert_trader_exits_withheld_total") == 0
    assert REGISTRY.get_sample_value("alert_trader_exits_withheld_total") is None


@pytest.mark.parametrize("name", [*DECLARATIONS, BUILD_INFO])
def test_every_metric_is_documented_with_its_labels(name: str) -> None:
    lines = [line for line in DOCUMENTED.read_text().splitlines() if f"`{name}`" in line]
    assert lines, f"{name} is not in docs/metrics.md"
    labels = DECLARATIONS[name].labels if name in DECLARATIONS else ("version", "mode")
    assert all(f"`{label}`" in lines[0] for label in labels)


def test_the_page_names_no_metric_that_does_not_exist() -> None:
    known = {*DECLARATIONS, BUILD_INFO}
    told = {word.strip("`") for word in DOCUMENTED.read_text().split() if word.startswith("`alert_trader_")}
    assert told <= known
