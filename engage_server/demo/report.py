"""What the API answered, as tables for a terminal of 100 columns."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from rich import box
from rich.console import Group, JustifyMethod, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from engage_server.demo.questions import nodes
from engage_server.demo.sparkline import sparkline

Json = Mapping[str, Any]
Series = Sequence[float | None]

BAND_STYLES: Final = {"GREEN": "green", "YELLOW": "yellow", "RED": "red", "UNKNOWN": "dim"}
HINTS: Final = {"CHECK_VISIBILITY": "check visibility", "CONSIDER_REMOVAL": "consider removal"}
BAR_WIDTH: Final = 20
FEATURES_SHOWN: Final = 6
WIDTH: Final = 100
COLUMNS: Final = (20, 9, 20, 44)
JUSTIFY: Final[tuple[JustifyMethod, ...]] = ("left", "right", "left", "left")
STYLES: Final = ("", "", "blue", "")


@dataclass(frozen=True, slots=True)
class Answers:
    """All that was asked about one company. Series are weekly, oldest first."""

    product: str
    overview: Json
    trends: Mapping[str, Series]
    features: Mapping[str, Series]
    health: Mapping[str, Series]


def company(answers: Answers) -> RenderableType:
    """The company's page."""
    tenant = answers.overview["tenant"]
    title = f"[bold]{tenant['name']}[/bold]  [dim]{answers.product} · {tenant['timezone']}[/dim]"
    parts: list[RenderableType] = [
        Rule(title, align="left", style="blue"),
        headline(answers),
        features(answers),
        worst_accounts(answers),
        seats(answers),
    ]
    return Group(*chain.from_iterable((part, "") for part in parts))


def headline(answers: Answers) -> Table:
    """The tenant's own metrics: value, trend, and what stands behind them."""
    overview, trends = answers.overview, answers.trends
    table = _table("Metric", "Now", "Weekly trend", "Behind it")
    nps, effort = overview["nps"]["score"], overview["ces"]["effortScore"]
    table.add_row(
        "Net Promoter Score",
        f"{nps['value']:+.0f} ± {(nps['interval']['high'] - nps['interval']['low']) / 2:.0f}",
        sparkline(trends["nps"], span=30),
        f"{nps['n']} answers: {nps['promoterShare']:.0%} promoters, {nps['detractorShare']:.0%} detractors",
    )
    table.add_row(
        f"Customer effort, {effort['scaleMin']}-{effort['scaleMax']}",
        f"{effort['mean']:.2f}",
        sparkline(trends["effort"], span=1),
        f"{effort['topBoxShare']:.0%} of {effort['n']} answers found it easy (4 or 5)",
    )
    licenses = overview["licenseUtilization"]["utilization"]
    table.add_row(
        "License utilization",
        f"{licenses['value']:.0f} %",
        sparkline(trends["licenses"], span=20),
        f"{licenses['activeUsers']} active users on {licenses['seats']} seats, {licenses['spareSeats']} to spare",
    )
    portfolio = overview["healthScore"]["portfolioQuality"]
    table.add_row(
        "Portfolio quality",
        f"{portfolio['value']:.0f}",
        sparkline(trends["portfolio"], span=20),
        Text.from_markup(
            ", ".join(
                f"[{style}]{portfolio[band.lower()]} {band.lower()}[/]" for band, style in BAND_STYLES.items()
            )
        ),
    )
    return table


def features(answers: Answers) -> Table:
    """The most adopted features and those that hardly anybody uses, the highest first."""
    rows = nodes(answers.overview["features"])
    active = rows[0]["activeUsers"] if rows else 0
    table = _table("Feature", "Adoption", "Weekly trend", f"Of {active} active persons")
    for place, row in enumerate(rows):
        if place >= FEATURES_SHOWN and row["hint"] != "CONSIDER_REMOVAL":
            continue
        hint = f"; {HINTS[row['hint']]}" if row["hint"] else ""
        table.add_row(
            row["label"],
            f"{row['value'] or 0:.0f} %",
            sparkline(answers.features[row["label"]], span=30),
            f"{row['users']} used it, {row['adopters']} regularly{hint}",
        )
    return table


def worst_accounts(answers: Answers) -> Table:
    """The queue: accounts with the lowest health, and what costs them most."""
    table = _table("Look at first", "Health", "Weekly trend", "Dragged down by")
    for health in nodes(answers.overview["worst"]):
        drag = next((part for part in health["contributions"] if part["key"] == health["driver"]), None)
        table.add_row(
            health["label"],
            Text(f"{beside_band(health['value'])} {health['band'].lower()}", BAND_STYLES[health["band"]]),
            sparkline(answers.health.get(health["label"], ()), span=60),
            f"{drag['label']}: {drag['value']:.0f} of 100, weight {drag['weight']:.0%}" if drag else "",
        )
    return table


def beside_band(value: float) -> str:
    """A score without its decimals, cut and not rounded: where yellow begins at 50, 49.8 is still red."""
    return f"{math.floor(value)}"


def seats(answers: Answers) -> Table:
    """Where seats lack, and where most are unused."""
    accounts = nodes(answers.overview["accounts"])
    licensed = [one for one in accounts if (_license(one) or {}).get("seats")]
    by_use = sorted(licensed, key=lambda one: -(_license(one) or {})["value"])
    table = _table("Seats", "Used", "", "")
    for node in (*by_use[:2], *by_use[-2:]):
        license = _license(node) or {}
        table.add_row(
            node["name"],
            f"{license['value']:.0f} %",
            _bar(license["value"] / 100),
            f"{license['activeUsers']} active users on {license['seats']} seats: "
            f"{license['band'].lower().replace('_', '-')}",
        )
    return table


def _license(account: Json) -> Json | None:
    found: Json | None = account["licenseUtilization"]["utilization"]
    return found


def _table(*headers: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), header_style="bold", show_edge=False)
    for header, width, justify, style in zip(headers, COLUMNS, JUSTIFY, STYLES, strict=True):
        table.add_column(header, width=width, justify=justify, style=style, no_wrap=True)
    return table


def _bar(share: float) -> Text:
    filled = max(0, min(BAR_WIDTH, round(share * BAR_WIDTH)))
    return Text.assemble("━" * filled, ("─" * (BAR_WIDTH - filled), "bright_black"))
