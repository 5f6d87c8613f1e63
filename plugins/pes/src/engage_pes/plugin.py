"""The Product Engagement Score of the tenant and of every account."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from engage_pes.card import SCORE
from engage_pes.components import Movement, adoption, growth, movements, persons, stickiness
from engage_pes.config import PesConfig
from engage_server.sdk import (
    TENANT,
    ActiveDays,
    Answer,
    Computation,
    Contribution,
    FeatureUse,
    Plugin,
    Subject,
    account,
    catalogues_beside,
)

TITLES: Final = {"en": "Product Engagement Score", "ko": "제품 참여 점수"}
plugin = Plugin(
    "pes",
    sdk=">=2,<3",
    config=PesConfig,
    title=TITLES,
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_pes"),
)
LABELS: Final = {"adoption": "Adoption, %", "stickiness": "Stickiness, %", "growth": "Growth, %"}


@dataclass(frozen=True, slots=True)
class Components:
    """What the score is the mean of."""

    adoption: Annotated[
        float | None, "Mean share of the core features that an active person used, in per cent."
    ]
    stickiness: Annotated[float | None, "Mean of the days' DAU/MAU in per cent."]
    growth: Annotated[float | None, "The third component by the variant, in per cent."]
    variant: Annotated[str, "share, ratio or retention_2019."]
    components: Annotated[int, "How many of the three are in the mean."]
    core_features: Annotated[int, "Features that count as core."]
    gained: Annotated[int, "Accounts (of an account, persons) active now and not in the window before."]
    dropped: Annotated[int, "Active in the window before and not now."]
    stayed: Annotated[int, "Active in both."]


@plugin.metric(
    "score",
    title=TITLES,
    unit={"en": "points", "ko": "점"},
    card=SCORE,
    details=Components,
    inputs=lambda config: {
        "active": ActiveDays(days=config.history_days),
        "uses": FeatureUse(days=config.window_days),
    },
    of_all=True,
    category="adoption",
    no_interval="A mean of three different figures, of which everybody is counted.",
)
def scores(rows: Computation[PesConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The mean of the components that are known, of the tenant and of each account with activity in either window."""
    used, core = adoption(rows)
    sticky, moved, active = stickiness(rows), movements(rows), persons(rows)
    for id in sorted({*moved, None}, key=lambda id: -1 if id is None else id):
        movement = moved.get(id, Movement())
        found = {
            "adoption": used.get(id),
            "stickiness": sticky.get(id),
            "growth": growth(movement, rows.config.variant),
        }
        known = {name: value for name, value in found.items() if value is not None}
        details = Components(
            **found,
            variant=rows.config.variant,
            components=len(known),
            core_features=core,
            gained=movement.gained,
            dropped=movement.dropped,
            stayed=movement.stayed,
        )
        yield (
            TENANT if id is None else account(id),
            Answer(
                sum(known.values()) / len(known) if known else None,
                n=active.get(id, 0),
                details=details,
                parts=tuple(_part(name, found[name], len(known)) for name in LABELS),
                window_days=rows.config.window_days,
            ),
        )


def _part(name: str, value: float | None, of: int) -> Contribution:
    if value is None:
        return Contribution(
            name, LABELS[name], None, points=0, note="nothing to divide by: left out of the mean"
        )
    return Contribution(name, LABELS[name], value, points=value / of, weight=1)
