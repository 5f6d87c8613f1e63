"""Survey answers are counted by account, instrument, scale and score, and nothing is lost."""

from collections import Counter
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from engage_server.sdk import SurveyResponses
from engage_server.sdk.surveys import Group, Scale, TopBox, boxes_of, tallies

STARS = Scale(1, 5, "UP")


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    known = {"account": 1, "instrument": "csat", "scale_min": 1, "scale_max": 5, "direction": "UP"}
    columns = SurveyResponses.columns
    return pl.DataFrame([{**known, "dismissed": False, **row} for row in rows], schema=columns)


def test_the_best_scores_are_at_the_end_that_the_direction_says() -> None:
    counts = {1: 2, 3: 1, 5: 4}
    assert STARS.best(counts, boxes=2) == 4
    assert Scale(1, 5, "DOWN").best(counts, boxes=2) == 2
    assert (STARS.rank(5), Scale(1, 5, "DOWN").rank(5)) == (4, 0)


def test_answers_are_grouped_by_instrument_and_scale_and_summed_for_the_tenant() -> None:
    rows = frame(
        {"score": 5, "person": 1}, {"score": 5, "person": 1, "account": 2}, {"score": 1, "account": None},
        {"score": 3, "scale_max": 3}, {"score": 2.5}, {"dismissed": True},
    )  # fmt: skip
    tenant, by_account = tallies(rows)
    stars, smileys = Group("csat", STARS), Group("csat", Scale(1, 3, "UP"))
    assert tenant.groups == {stars: Counter({5: 2, 1: 1}), smileys: Counter({3: 1})}
    assert (tenant.n, tenant.respondents, tenant.dismissed, tenant.invalid) == (4, 3, 1, 1)
    assert by_account.keys() == {1, 2}
    assert by_account[1].scales == [Scale(1, 3, "UP"), STARS]
    assert by_account[2].merged() == Counter({5: 1})


def test_equal_responses_have_equal_keys() -> None:
    rows = [{"score": 5}, {"score": 1}]
    first, again, other = (tallies(frame(*some))[0].key for some in (rows, rows[::-1], rows[:1]))
    assert first == again != other


def test_boxes_are_those_of_the_same_ends() -> None:
    boxes = (TopBox(scale_min=1, scale_max=5, boxes=2),)
    assert (boxes_of(boxes, STARS), boxes_of(boxes, Scale(0, 5, "UP"))) == (2, None)


def test_boxes_that_leave_no_other_score_are_refused_with_the_remedy() -> None:
    with pytest.raises(ValidationError, match="Give at most 4"):
        TopBox(scale_min=1, scale_max=5, boxes=5)
