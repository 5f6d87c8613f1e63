"""What the sources of the definitions print as an example, and where they disagree, is computed by a card's own example."""

import math
from typing import Any

import pytest

from engage_server.plugin_host.registry import registry
from engage_server.sdk import Vector

Figures = dict[str, Any]

PUBLISHED: list[tuple[str, str, Figures, Figures]] = [
    # What is printed, the metric, what must be measured, and the settings under which.
    ("half promoters, a third passives, a sixth detractors", "nps.score", {"value": 100 / 3, "n": 6}, {}),
    ("variance 5/9: +-14.6 of a hundred", "nps.score", {"margin_at_100": 195.9963984540054 * math.sqrt(5 / 900)}, {}),
    ("plain Wald is a variant", "nps.score", {"n": 600}, {"interval": "wald"}),
    ("8.5 is no answer, a dismissed one is counted apart", "nps.score", {"invalid": 1, "dismissed": 1, "n": 1}, {}),
    ("1 to 10 is another instrument", "nps.score", {"not_comparable": 1, "n": 1}, {}),
    ("one big account", "nps.score", {"value": 0, "accounts": 2}, {"account_mode": "mean_of_accounts"}),
    ("80, 210, 140, 110, 160, 180, 120 of 1000", "ces.effort_score", {"value": 4.08, "net": -13}, {}),
    ("the best three of ten", "ces.effort_score", {"value": 30}, {"variant": "top_box"}),
    ("effort 1.0: low is good", "ces.effort_score", {"direction": "DOWN", "normalised": 75}, {}),
    ("never across scales", "ces.effort_score", {"value": None, "status": "SUPPRESSED"}, {}),
    ("range 3: top 1", "csat.score", {"value": 50, "n": 10, "satisfied": 5}, {}),
    ("range 4: top 2", "csat.score", {"value": 50, "satisfied": 2}, {}),
    ("range 6: top 2", "csat.score", {"value": 100 / 3, "satisfied": 2}, {}),
    ("range 7: top 2", "csat.score", {"value": 200 / 7, "satisfied": 2}, {}),
    ("range 10: top 3", "csat.score", {"value": 30, "satisfied": 3}, {}),
    ("dismissed are not in n", "csat.score", {"n": 10, "dismissed": 4}, {}),
    ("terms are products", "engagement.score", {"value": 17}, {}),
    ("5 points for a film, 1 for the watch-list", "engagement.score", {"value": 19}, {}),
    ("login 1, core 10", "engagement.score", {"value": 27}, {}),
    ("a daily cap of 20", "engagement.score", {"value": 25}, {"daily_caps": {"Report Viewed": 20}}),
    ("-x% a period", "engagement.score", {"value": 18}, {"decay": "per_period"}),
    ("percentile of actions a day", "engagement.peer_percentile", {"value": 45, "peers": 10}, {}),
    ("ties share the mid-rank", "engagement.peer_percentile", {"value": 90, "peers": 10}, {}),
    ("less than one action a day", "engagement.peer_percentile", {"value": 0}, {}),
    ("fewer than ten peers", "engagement.peer_percentile", {"value": None, "peers": 9}, {}),
    ("20, 15, 22 of 47, 59, 21", "health_score.score", {"value": 2287 / 57, "rounded": 40}, {}),
    ("good 100, average 60, poor 0", "health_score.score", {"value": 160 / 3}, {}),
    ("the unrounded value is compared", "health_score.score", {"value": 49.7, "rounded": 50, "band": "RED"}, {}),
    ("half-open: at the edge is above it", "health_score.score", {"value": 50, "band": "YELLOW"}, {}),
    ("missing: reweighted", "health_score.score", {"value": 365 / 7, "band": "YELLOW"}, {}),
    ("missing: zero", "health_score.score", {"missing_mode": "ZERO"}, {"missing": "ZERO"}),
    ("missing: neutral", "health_score.score", {"missing_mode": "NEUTRAL"}, {"missing": "NEUTRAL"}),
    ("missing: blocks", "health_score.score", {"value": None, "band": "UNKNOWN"}, {"missing": "BLOCK"}),
    ("poor if any is poor", "health_score.score", {"value": 30, "band": "RED"}, {"model": "worst_of"}),
    ("a red measure caps the total", "health_score.score", {"value": 40, "before_caps": 70}, {}),
    ("only lower", "health_score.score", {"value": 20, "computed": 20}, {}),
    ("5/3/2", "health_score.portfolio_quality", {"value": 76}, {}),
    ("unknown is not in the mean", "health_score.portfolio_quality", {"value": 200 / 3, "unknown": 1}, {}),
    ("falls back to the parent", "health_score.roll_up", {"value": 10, "children": 0}, {}),
    ("accounts as a variant", "active_users.mau", {"value": 2}, {"count": "accounts"}),
    ("calendar as a variant", "active_users.wau", {"value": 2}, {"windows": "calendar"}),
    ("dormant below zero", "active_users.lifecycle", {"value": 0, "dormant": -2}, {}),
    ("20% is six days a month", "stickiness.ratio", {"value": 20, "implied_days_per_month": 6}, {}),
    ("weekends out", "stickiness.ratio", {"value": 50}, {"weekends": False}),
    ("nobody in the month", "stickiness.ratio", {"value": None, "status": "NO_DATA"}, {}),
    ("23:45, then 00:01, by the calendar", "retention.day", {"value": 100, "clock": "own"}, {}),
    ("23:45, then 00:01, by 24 hours", "retention.day", {"value": 0}, {"clock": "rolling"}),
    ("complete cells alone are in the mean", "retention.day", {"value": 20, "n": 40}, {}),
    ("31 January and a month", "retention.month", {"value": 100, "n": 1}, {}),
    ("activated over signups of one cohort", "adoption.product_adoption", {"value": 40}, {}),
    ("since its release", "adoption.feature_adoption", {"value": 50, "n": 60}, {}),
    ("trial and adopted", "adoption.feature_adoption", {"adopters": 1, "trial_users": 2}, {}),
    ("growth 50 is flat", "pes.score", {"growth": 50, "gained": 1, "dropped": 1}, {}),
    ("growth of nothing", "pes.score", {"growth": None}, {}),
    ("9 of 12", "license_utilization.utilization", {"value": 75, "band": "HEALTHY"}, {}),
    ("more than there are", "license_utilization.utilization", {"value": 120, "band": "OVER_ALLOCATED"}, {}),
    ("no seats", "license_utilization.utilization", {"value": None, "status": "NO_DATA"}, {}),
    ("unlimited", "license_utilization.utilization", {"mode": "provisioned"}, {"provisioned": "unlimited"}),
    ("concurrent", "license_utilization.utilization", {"value": 50}, {"users": "concurrent_peak"}),
    ("distinct users over all seats", "license_utilization.utilization", {"value": 5, "active_users": 1}, {}),
    ("bands are data", "license_utilization.utilization", {"value": 80, "band": "FULL"}, {"healthy_high": 80}),
    *(
        (f"{days} days of 14", "usage_frequency.active_days", {"value": days, "frequency": name}, {})
        for days, name in ((10, "DAILY"), (9, "WEEKLY"), (2, "WEEKLY"), (1, "INFREQUENT"), (0, "NONE"))
    ),
    ("00:00:50, 00:01:30, 00:02:01", "time_spent.active_minutes", {"value": 3}, {}),
    ("pauses of at most the limit", "time_spent.active_minutes", {"value": 71 / 60}, {"method": "gaps"}),
    ("a session of one event is of 0 s", "time_spent.session_duration", {"value": 150}, {}),
    ("two of three have a single page", "time_spent.bounce_rate", {"value": 200 / 3}, {}),
    ("PostHog's bounce", "time_spent.bounce_rate", {"value": 100 / 3}, {"bounce": "posthog"}),
    ("GA4's bounce", "time_spent.bounce_rate", {"value": 75}, {"bounce": "ga4"}),
    ("not before seven days", "first_week.score", {"status": "IMMATURE"}, {}),
    ("who never came stays in", "time_to_value.time", {"share_reached": 0.25}, {}),
    ("a retry is the same attempt", "task_completion.rate", {"retried": 1, "abandoned": 2}, {}),
    ("unique by default", "conversion.rate", {"value": 25, "converted": 1}, {}),
    ("each entry", "conversion.rate", {"value": 40, "n": 5}, {"entry": "each_entry"}),
    ("skipped steps leave the denominator", "onboarding.progress", {"value": 75, "n": 2}, {}),
    ("who joins and leaves", "churn.logo", {"value": 20}, {"count_joined_and_left": True}),
    ("1 - (1 - m)^12", "churn.logo", {"value": 10, "yearly": 1 - 0.9**12}, {}),
    ("1% a month is 11.4% a year", "churn.logo", {"value": 1, "yearly": 1 - 0.99**12}, {}),
    ("at cancellation", "churn.logo", {"value": 10}, {"recognition": "cancellation"}),
    ("one of two subscriptions", "churn.logo", {"value": 0, "lost": 0}, {}),
    ("100, 10, 10, +10: gross", "churn.gross_revenue", {"value": 20}, {}),
    ("100, 10, 10, +10: net", "churn.net_revenue", {"value": 10}, {}),
    ("net may be negative", "churn.net_revenue", {"value": -40}, {}),
    ("retained of the cohort", "revenue.grr", {"value": 80}, {}),
    ("at most all of it", "revenue.grr", {"value": 100}, {}),
    ("with expansion, without the new", "revenue.nrr", {"value": 90}, {}),
    ("4 x 500 a year", "revenue.mrr", {"value": 500 / 3}, {}),
    ("a move of the rate", "revenue.mrr", {"value": 130, "net_new": 0}, {}),
    ("trials are out", "revenue.mrr", {"value": 20, "subscriptions": 1}, {}),
    ("no losses", "revenue.quick_ratio", {"value": None, "status": "NO_DATA"}, {}),
    ("subscribers x average", "revenue.arppu", {"value": 45}, {}),
    ("revenue a year x years - costs", "customer_value.historical", {"value": 33588}, {}),
    ("without churn: 60 months", "customer_value.predictive", {"value": 6000, "is_capped": True}, {}),
    ("blended and paid", "unit_economics.cac", {"value": 500, "paid": 500}, {}),
    ("spend on keeping / customers", "unit_economics.crc", {"value": 40, "n": 10}, {}),
    ("no margin: never", "unit_economics.payback", {"value": None, "never": True}, {}),
    ("win rate over closed ones", "unit_economics.sales_velocity", {"value": 200, "win_rate": 0.25}, {}),
    ("a 2 x 2 table", "aha.retention", {"value": 280 / math.sqrt(20 * 20 * 22 * 18)}, {}),
    ("below its own baseline", "active_users.dau_mau_gap", {"value": 75, "is_warning": True}, {}),
    ("no value in N days", "unused_signups.share", {"value": 75}, {}),
    ("days from the alarm", "early_warning.lead_time", {"value": 20, "open_alarms": 1}, {}),
    ("Slack's 2,000 messages", "milestones.progress", {"value": 100, "reached_on": "2026-06-20"}, {}),
]  # fmt: skip


def is_held(said: Figures, wanted: Figures) -> bool:
    """Whether all that is wanted is said; numbers to six decimals."""
    return all(
        name in said
        and (
            math.isclose(said[name], one, rel_tol=1e-6, abs_tol=1e-6)
            if isinstance(one, int | float) and isinstance(said[name], int | float)
            else said[name] == one
        )
        for name, one in wanted.items()
    )


def vectors_of(metric: str) -> tuple[Vector, ...]:
    """The examples of its card that the kit computes, which the level gold asks of every plugin."""
    return tuple(one for one in registry().metric(metric)[1].card.vectors if one.measured)


@pytest.mark.parametrize(
    ("printed", "metric", "measured", "config"), PUBLISHED, ids=lambda one: str(one)[:60]
)
def test_what_is_printed_is_an_example_that_is_computed(
    printed: str, metric: str, measured: Figures, config: Figures
) -> None:
    held = [
        one.given
        for one in vectors_of(metric)
        if is_held(dict(one.measured), measured) and is_held(dict(one.config), config)
    ]
    assert held, f"No example of {metric} shows: {printed}. Remedy: give the card a Vector with {measured}."
