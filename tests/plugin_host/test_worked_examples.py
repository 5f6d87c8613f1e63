"""What plugins measure of their worked examples.

Every interval is of a formula that statsmodels or scipy was asked about, and every part is named in Korean as well.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from statsmodels.stats.proportion import proportion_confint

from engage_server.plugin_host.loading import Plugin
from engage_server.plugin_host.quality import Hooks
from engage_server.plugin_host.registry import registry
from engage_server.sdk import Measurement, Vector
from engage_server.sdk.details import encoded
from engage_server.sdk.testing.trial import Trial
from engage_server.sdk.testing.vectors import measured_by

Examples = tuple[Plugin, list[tuple[Vector | None, Measurement]]]
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


@pytest.fixture(scope="module", params=registry().plugins.values(), ids=lambda one: one.id)
def measured(request: pytest.FixtureRequest) -> Examples:
    """A plugin, and what it measures of the kit's rows (None) and of the cards' examples."""
    plugin: Plugin = request.param
    trial = Trial.of(Hooks(plugin))
    found: list[tuple[Vector | None, Measurement | None]] = [
        (None, one) for one in trial.measure(trial.request(trial.rows()))
    ]
    for metric in plugin.manifest.metrics:
        examples = (vector for vector in metric.card.vectors if vector.measured)
        found += [(vector, measured_by(trial, metric, vector)) for vector in examples]
    return plugin, [(vector, one) for vector, one in found if one is not None]


def test_an_interval_is_that_of_its_oracle(measured: Examples) -> None:
    plugin, found = measured
    for _, one in found:
        if (interval := one.interval) is None:
            continue
        metric = f"{plugin.id}.{one.metric}"
        method = "empirical" if interval.method.startswith("empirical") else interval.method
        assert method in ORACLES, f"{metric} has an interval of {method}: name the test of its oracle."
        if method == "Wilson":
            n = encoded(one.details)[COUNTED[metric]] if metric in COUNTED else one.n
            successes = round(float(one.value or 0) * n / 100)
            assert 100 * successes / n == pytest.approx(float(one.value or 0)), metric
            low, high = proportion_confint(successes, n, alpha=1 - interval.level, method="wilson")
            said = (float(interval.low), float(interval.high))
            assert said == pytest.approx((100 * low, 100 * high), abs=1e-6), metric


def test_labels_and_notes_of_parts_have_korean(measured: Examples) -> None:
    plugin, found = measured
    if plugin.id == "dummy":
        pytest.skip("the dummy of the tests has no catalogue")
    labels = plugin.manifest.catalogues["ko"].labels
    titles = {metric.title for metric in plugin.manifest.metrics}
    lacking = {text for text in spoken(found) if text not in titles and not is_told(text, labels)}
    assert sorted(lacking) == [], "Remedy: write it into the plugin's ko.json (docs/plugins.md)."


def spoken(found: Sequence[tuple[Vector | None, Measurement]]) -> Iterator[str]:
    """What labels and notes of the examples' parts say of their own, and not with the words of the example's data."""
    for vector, one in found:
        given = set() if vector is None else {*words_of(vector.rows), *words_of(vector.config)}
        for part in one.contributions if vector else ():
            for text in (part.label, part.note):
                if text and re.search("[A-Za-z]{3}", text) and not any(word in text for word in given):
                    yield text


def words_of(data: Any) -> Iterator[str]:
    """Texts somewhere in an example, as they stand and as labels write them."""
    if isinstance(data, str) and len(data) > 1:
        yield from (data, data.replace("_", " ").capitalize())
    for part in (
        data.values() if isinstance(data, Mapping) else data if isinstance(data, list | tuple) else ()
    ):
        yield from words_of(part)


def is_told(text: str, labels: Mapping[str, str]) -> bool:
    """Whether a label is translated, by itself or by a pattern."""
    patterns = (re.escape(one).replace(re.escape("{}"), "(.+)") for one in labels)
    return text in labels or any(re.fullmatch(pattern, text) for pattern in patterns)


@pytest.mark.parametrize("test", sorted({*ORACLES.values()} - {""}))
def test_the_test_of_an_oracle_asks_it(test: str) -> None:
    path, _, name = test.partition("::")
    text = (ROOT / path).read_text("utf-8")
    assert f"def {name}(" in text
    assert any(f"import {one}" in text or f"from {one}" in text for one in ("scipy", "statsmodels"))
