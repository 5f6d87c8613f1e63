"""Active days of persons and their histogram; features."""

from datetime import date, timedelta
from typing import Any

import pytest
from engage_stickiness.config import StickinessConfig
from engage_stickiness.plugin import DaysBar, plugin

from engage_server.sdk import TENANT, Measurement, Status, Subject, account, feature
from engage_server.sdk.testing import request_for

MANIFEST = plugin.engage_manifest()
TUESDAY = date(2026, 6, 30)
Rows = list[dict[str, Any]]


def computed(metric: str, rows: dict[str, Rows], **config: Any) -> dict[Subject, Measurement]:
    request = request_for(MANIFEST, rows, config=StickinessConfig(**config), day=TUESDAY)
    return {m.subject: m for m in plugin.engage_compute(request) if m.metric == metric}


def active(*told: tuple[int, int, int | None]) -> Rows:
    return [{"day": TUESDAY - timedelta(days=back), "person": p, "account": of} for back, p, of in told]


ROWS = active((0, 1, 1), (0, 1, 2), (2, 1, 1), (5, 2, 1), (29, 3, 2), (30, 4, 2))


def test_the_histogram_has_each_person_once() -> None:
    found = computed("active_days", {"active": ROWS})
    assert found[TENANT].details.histogram == (DaysBar(1, 2), DaysBar(2, 1))
    assert found[TENANT].value == pytest.approx(4 / 3)
    assert found[account(1)].details.histogram == (DaysBar(1, 1), DaysBar(2, 1))
    assert found[account(2)].details.histogram == (DaysBar(1, 2),)
    assert sum(bar.persons for bar in found[TENANT].details.histogram) == found[TENANT].n == 3


def test_activity_on_weekends_makes_no_day_where_they_are_out() -> None:
    found = computed("active_days", {"active": ROWS}, weekends=False)
    assert found[TENANT].details.histogram == (DaysBar(1, 3),)


def test_nobody_is_no_data() -> None:
    assert computed("active_days", {})[TENANT].status is Status.NO_DATA


def use(person: int, of: int, days: int, id: int = 7) -> dict[str, Any]:
    return {
        "person": person,
        "account": of,
        "feature": id,
        "uses": days,
        "active_days": days,
        "person_days": days,
    }


def test_a_feature_is_as_sticky_as_its_users_use_it_on_days() -> None:
    uses = [use(1, 1, 9), use(1, 2, 9), use(2, 1, 3), use(3, 1, 30, id=8)]
    found = computed("feature", {"uses": uses, "features": [{"feature": 9}]})
    assert found[feature(7)].value == pytest.approx(100 * 12 / 60)
    assert (found[feature(7)].n, found[feature(7)].details.days_per_user) == (2, 6)
    assert found[feature(8)].value == pytest.approx(100)
    assert found[feature(9)].status is Status.NO_DATA
    assert computed("feature", {"uses": uses}, window_days=15)[feature(7)].value == pytest.approx(40)
