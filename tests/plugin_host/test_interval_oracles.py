"""Every interval of every plugin is of a formula that statsmodels or scipy was asked about."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from statsmodels.stats.proportion import proportion_confint

from engage_server.plugin_host.loading import Plugin
from engage_server.plugin_host.quality import Hooks
from engage_server.plugin_host.registry import registry
from engage_server.sdk import Interval, Measurement
from engage_server.sdk.details import encoded
from engage_server.sdk.testing.trial import Trial
from engage_server.sdk.testing.vectors import measured_by

ROOT: Final = Path(__file__).resolve().parents[2]
ORACLES: Final = {
    "Wilson": "",
    "Newcombe": "tests/sdk/test_intervals.py::test_the_interval_of_a_difference_is_that_of_statsmodels",
    "Fisher z": "tests/sdk/test_associations.py::test_correlations_and_fishers_interval_are_scipys",
    "Bonett-Wright": "tests/sdk/test_associations.py::test_the_interval_of_ranks_is_a_little_wider_than_that_of_values",
    "adjusted Wald": "plugins/ces/tests/test_ces_calculation.py::test_net_has_adjusted_walds_interval",
    "adjusted_wald": "plugins/nps/tests/test_nps_change.py::"
    "test_the_interval_is_that_of_the_difference_of_two_samples_with_the_added_answers",
    "wald": "plugins/nps/tests/test_nps_change.py::"
    "test_the_interval_is_that_of_the_difference_of_two_samples_with_the_added_answers",
    "difference of adjusted Wald": "plugins/nps/tests/test_nps_change.py::"
    "test_the_interval_is_that_of_the_difference_of_two_samples_with_the_added_answers",
    "Wilson of the split": "plugins/feedback/tests/test_feedback.py::"
    "test_the_interval_of_a_change_is_wilsons_of_the_split",
    "Wilson, of the churn alone": "plugins/customer_value/tests/test_customer_value_predictive.py::"
    "test_the_interval_is_that_of_the_churn",
    "Wilson, of the win rate alone": "plugins/unit_economics/tests/test_unit_economics_velocity.py::"
    "test_the_interval_is_that_of_the_win_rate",
    "Brookmeyer-Crowley": "tests/sdk/test_survival.py::test_errors_and_bounds_are_those_of_statsmodels",
    "Kaplan-Meier, Brookmeyer-Crowley on the log-log scale": "tests/sdk/test_survival.py::"
    "test_errors_and_bounds_are_those_of_statsmodels",
    "empirical": "plugins/revenue/tests/test_revenue_forecast.py::"
    "test_the_interval_spans_the_errors_of_the_same_forecast_in_the_past",
}
"""By method the test that asks the oracle; Wilson's is asked below, of each plugin."""

# What of their details the share is of, where that is no person's.
COUNTED: Final = {"time_spent.bounce_rate": "counted_sessions"}


def intervals(plugin: Plugin) -> Iterator[tuple[str, Measurement, Interval]]:
    """What has an interval, of the kit's rows and of the cards' examples."""
    trial = Trial.of(Hooks(plugin))
    found: list[Measurement | None] = list(trial.measure(trial.request(trial.rows())))
    for metric in plugin.manifest.metrics:
        found += [measured_by(trial, metric, vector) for vector in metric.card.vectors if vector.measured]
    for one in found:
        if one is not None and one.interval is not None:
            yield f"{plugin.id}.{one.metric}", one, one.interval


@pytest.mark.parametrize("plugin", registry().plugins.values(), ids=lambda one: one.id)
def test_an_interval_is_that_of_its_oracle(plugin: Plugin) -> None:
    for metric, measured, interval in intervals(plugin):
        method = "empirical" if interval.method.startswith("empirical") else interval.method
        assert method in ORACLES, f"{metric} has an interval of {method}: name the test of its oracle."
        if method == "Wilson":
            n = encoded(measured.details)[COUNTED[metric]] if metric in COUNTED else measured.n
            successes = round(float(measured.value or 0) * n / 100)
            assert 100 * successes / n == pytest.approx(float(measured.value or 0)), metric
            low, high = proportion_confint(successes, n, alpha=1 - interval.level, method="wilson")
            said = (float(interval.low), float(interval.high))
            assert said == pytest.approx((100 * low, 100 * high), abs=1e-6), metric


@pytest.mark.parametrize("test", sorted({*ORACLES.values()} - {""}))
def test_the_test_of_an_oracle_asks_it(test: str) -> None:
    path, _, name = test.partition("::")
    text = (ROOT / path).read_text("utf-8")
    assert f"def {name}(" in text
    assert any(f"import {one}" in text or f"from {one}" in text for one in ("scipy", "statsmodels"))
