"""The demo's questions fit the schema, and its answers fit the terminal."""

from datetime import date
from io import StringIO

import pytest
from graphql import parse, validate
from rich.console import Console

from engage_server.api.composition import schema_for
from engage_server.demo import questions, report
from engage_server.demo.questions import by_week
from engage_server.plugin_host.registry import registry


@pytest.mark.parametrize("name", ["OVERVIEW", "TRENDS", "HEALTH_TREND", "FEATURES_ON", "TO_PASTE"])
def test_every_question_fits_the_schema_of_all_plugins(name: str):
    schema = schema_for(frozenset(registry().plugins))._schema
    assert validate(schema, parse(getattr(questions, name))) == []


def test_values_stand_in_their_calendar_weeks_and_missing_weeks_are_empty():
    days = [date(2026, 11, 1), date(2026, 11, 8), date(2026, 11, 15), date(2026, 11, 20)]
    series = {"days": ["2026-11-08", "2026-11-20"], "values": [1.5, 2.5]}
    assert by_week(series, days) == [None, 1.5, None, 2.5]


def page(nodes):
    return {"edges": [{"node": node} for node in nodes]}


ANSWERS = report.Answers(
    product="a tool",
    overview={
        "tenant": {"name": "Acme", "timezone": "Europe/Berlin"},
        "nps": {
            "score": {
                "value": -100.0,
                "n": 999,
                "interval": {"low": -100.0, "high": -79.2},
                "promoterShare": 0.38,
                "detractorShare": 0.22,
            }
        },
        "ces": {"effortScore": {"mean": 3.987, "n": 83, "scaleMin": 1, "scaleMax": 5, "topBoxShare": 0.67}},
        "features": page(
            {"label": name, "value": 6.0, "users": 19, "activeUsers": 319, "adopters": 10, "hint": hint}
            for name, hint in (("Calendar Synced", None), ("PDF Exported", "CONSIDER_REMOVAL"))
        ),
        "licenseUtilization": {
            "utilization": {"value": 64.2, "activeUsers": 319, "seats": 497, "spareSeats": 178}
        },
        "healthScore": {
            "portfolioQuality": {"value": 81.0, "green": 27, "yellow": 22, "red": 10, "unknown": 0}
        },
        "worst": page(
            [
                {
                    "label": "Bluebird Media",
                    "value": 54.0,
                    "band": "YELLOW",
                    "driver": "seats",
                    "contributions": [
                        {"key": "seats", "label": "License utilization", "value": 26.0, "weight": 0.35}
                    ],
                },
                {"label": "Alder", "value": 100.0, "band": "GREEN", "driver": None, "contributions": []},
            ]
        ),
        "accounts": page(
            [
                {
                    "name": "Kestrel Robotics",
                    "licenseUtilization": {
                        "utilization": {
                            "value": 133.3,
                            "seats": 9,
                            "activeUsers": 12,
                            "band": "OVER_ALLOCATED",
                        }
                    },
                },
                {"name": "Alder", "licenseUtilization": {"utilization": None}},
            ]
        ),
    },
    trends=dict.fromkeys(["nps", "effort", "licenses", "portfolio"], [None] + [50.0] * 19),
    features=dict.fromkeys(["Calendar Synced", "PDF Exported"], [0.0] * 20),
    health={"Bluebird Media": [50.0] * 20},
)


def test_the_report_fits_a_hundred_columns_without_cutting_anything():
    out = StringIO()
    Console(file=out, width=report.WIDTH).print(report.company(ANSWERS))
    text = out.getvalue()
    assert "…" not in text
    assert max(len(line) for line in text.splitlines()) <= report.WIDTH
    for part in ("-100 ± 10", "12 active users on 9 seats: over-allocated", "weight 35%", "consider removal"):
        assert part in text


@pytest.mark.parametrize(("score", "shown"), [(49.96, "49"), (50.0, "50"), (50.04, "50"), (74.999, "74")])
def test_a_score_beside_its_band_is_never_rounded_up_to_the_edge_of_the_next(score, shown):
    assert report.beside_band(score) == shown
