"""The search rediscovers what was planted, finds nothing in noise, and sees nothing that came later."""

import random
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from engage_aha.config import AhaConfig
from engage_aha.plugin import plugin
from engage_aha.search import search
from pydantic import ValidationError

from engage_server.sdk import Measurement, SignupActions
from engage_server.sdk.testing import request_for

ACTIONS = ("Published", "Invited", "Exported", "Commented", "Uploaded", "Searched")
SEEDS = 200


def people(seed: int, *, size: int = 300, planted: float = 0.0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Everybody does each action now and then; who published in week one stays more often by ``planted``."""
    chance = random.Random(seed)
    rows, outcomes = [], []
    for unit in range(size):
        published = False
        for event in ACTIONS:
            for offset in range(7):
                if chance.random() < 0.12:
                    rows.append((unit, event, offset, chance.choice((1, 1, 2, 4))))
                    published |= event == "Published"
        outcomes.append((unit, chance.random() < (0.3 + planted if published else 0.3)))
    actions = pl.DataFrame(rows, schema=["unit", "event", "offset", "count"], orient="row")
    return actions, pl.DataFrame(outcomes, schema=["unit", "outcome"], orient="row")


def test_publishing_in_week_one_is_rediscovered() -> None:
    found = search(*people(1, size=600, planted=0.4), AhaConfig()).found
    assert (found[0].event, found[0].times, found[0].within_days) == ("Published", 1, 7)
    assert {one.event for one in found} == {"Published"}
    assert found[0].table.lift > 1.2


def test_in_noise_false_discoveries_are_at_most_the_stated_rate() -> None:
    config = AhaConfig()
    discoveries = sum(bool(search(*people(seed), config).found) for seed in range(SEEDS))
    assert discoveries <= config.false_discovery_rate * SEEDS


def test_a_window_or_a_threshold_of_its_own_is_found_as_such() -> None:
    actions, outcomes = people(5, size=600)
    early = actions.filter((pl.col("event") == "Invited") & (pl.col("offset") == 0))["unit"].unique()
    chance = random.Random(6)
    outcomes = outcomes.with_columns(
        outcome=pl.Series(
            [chance.random() < (0.9 if unit in set(early) else 0.2) for unit in outcomes["unit"]]
        )
    )
    best = search(actions, outcomes, AhaConfig()).found[0]
    assert (best.event, best.within_days) == ("Invited", 1)


def test_too_few_on_a_side_are_not_tried() -> None:
    actions, outcomes = people(2, size=30, planted=0.6)
    assert search(actions, outcomes, AhaConfig(minimum_cell=16)).tries == ()
    everybody = actions.unique("unit").with_columns(event=pl.lit("Signed Up"), offset=0)
    assert search(everybody, outcomes, AhaConfig(minimum_cell=5, thresholds=(1,))).tries == ()
    ignored = search(actions, outcomes, AhaConfig(minimum_cell=5, ignored_events=ACTIONS))
    assert ignored.tries == ()


def test_intervals_of_what_was_picked_are_wider_the_fewer_were_found() -> None:
    result = search(*people(1, size=600, planted=0.4), AhaConfig())
    assert result.level == pytest.approx(1 - 0.05 * len(result.found) / len(result.tries))
    assert search(*people(3), AhaConfig()).level > 0.99


def rows_of(
    *, people_: int, back_days: Callable[[int], int | None], event: str = "Published", offset: int = 0
) -> list[dict[str, Any]]:
    return [
        {
            "person": person,
            "account": 1 + person // 2,
            "signed_up_at": "2026-03-01T09:00:00+00:00",
            "event": event if person % 2 else "Signed Up",
            "offset": offset,
            "count": 1,
            "back_days": back_days(person),
        }
        for person in range(people_)
    ]


def measured(metric: str, rows: dict[str, Any], **config: Any) -> Measurement:
    request = request_for(plugin.engage_manifest(), rows, config=AhaConfig(**config))
    (found,) = [one for one in plugin.engage_compute(request) if one.metric == metric]
    return found


def test_whose_time_is_not_over_is_waiting_and_no_part_of_the_tables() -> None:
    rows = rows_of(people_=100, back_days=lambda person: None if person >= 60 else person % 2)
    found = measured("retention", {"actions": rows}, window_days=(7,), thresholds=(1,))
    assert (found.details.observed, found.details.waiting, found.n) == (60, 40, 60)
    (best,) = found.details.candidates[:1]
    assert best.reached + best.others == 60


def test_actions_after_the_window_are_no_candidates() -> None:
    rows = rows_of(people_=100, back_days=lambda person: person % 2, offset=3)
    assert measured("retention", {"actions": rows}, window_days=(3,), thresholds=(1,)).details.tries == 0
    assert measured("retention", {"actions": rows}, window_days=(4,), thresholds=(1,)).details.found == 1


def test_the_outcome_lies_after_the_actions() -> None:
    for wrong in ({"back_from": 6}, {"back_to": 27}, {"upgrade_within_days": 6}, {"window_days": (0,)}):
        with pytest.raises(ValidationError, match="Remedy"):
            AhaConfig(**wrong)
    spec = plugin.engage_manifest().inputs_for(AhaConfig())["actions"]
    assert isinstance(spec, SignupActions)
    assert (spec.length, spec.back_from, spec.days) == (7, 28, 150)


def test_the_most_loyal_have_publishing_in_common_and_signing_up_is_nothing_of_theirs() -> None:
    rows = rows_of(people_=100, back_days=lambda person: 5 if person % 2 and person < 60 else person % 3 == 0)
    rows += [row | {"event": "Signed Up"} for row in rows if row["event"] != "Signed Up"]
    found = measured("loyal", {"actions": rows}, loyal_share=0.3)
    assert (found.value, found.details.loyal, found.details.loyal_back_days) == (1, 30, 5)
    assert [(one.event, one.is_common) for one in found.details.actions] == [
        ("Published", True), ("Signed Up", False),
    ]  # fmt: skip
    few = measured("loyal", {"actions": rows[:30]})
    assert (few.value, few.details.loyal) == (None, None)


def upgrades(
    paid_from: str, started: str = "2026-03-01T08:00:00+00:00", *, is_paid: bool = True
) -> dict[str, Any]:
    rows = [
        {
            "person": person,
            "account": person,
            "signed_up_at": "2026-03-01T09:00:00+00:00",
            "event": "Published" if person <= 30 else "Signed Up",
            "offset": 0,
            "count": 1,
        }
        for person in range(1, 61)
    ]
    return {
        "actions": rows,
        "accounts": [{"account": number, "started_at": started} for number in range(1, 61)],
        "subscriptions": [
            {"account": number, "amount": "9", "is_trial": False, "is_paid": is_paid, "valid_from": paid_from}
            for number in range(1, 31)
        ],
    }


@pytest.mark.parametrize(
    ("paid_from", "is_paid", "share", "n"),
    [
        ("2026-03-08", True, 0.5, 60),
        ("2026-04-30", True, 0.5, 60),
        ("2026-05-01", True, 0.0, 60),  # after the 60 days
        ("2026-03-07", True, 0.0, 30),  # within the first days: paid already
        ("2026-03-20", False, 0.0, 60),  # a draft: nothing is paid
    ],
)
def test_an_account_upgrades_between_its_first_days_and_the_end_of_its_time(
    paid_from: str,
    is_paid: bool,
    share: float,
    n: int,
) -> None:
    found = measured("upgrade", upgrades(paid_from, is_paid=is_paid))
    assert (found.details.outcome_share, found.n) == (share, n)
    assert (found.details.found > 0) == (share == 0.5)


def test_accounts_that_were_there_before_are_not_observed() -> None:
    found = measured("upgrade", upgrades("2026-03-20", started="2024-01-01T00:00:00+00:00"))
    assert (found.value, found.n) == (None, 0)
