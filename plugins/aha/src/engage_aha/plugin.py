"""Aha moments: early actions that go with coming back, with upgrading, and what the most loyal have in common."""

from collections.abc import Mapping
from typing import Final

from engage_aha import cards, observed
from engage_aha.config import AhaConfig
from engage_aha.details import CommonActions, Found
from engage_aha.loyal import loyal
from engage_aha.search import search
from engage_server.sdk import (
    Accounts,
    Answer,
    Computation,
    InputSpec,
    Plugin,
    SignupActions,
    Subscriptions,
    catalogues_beside,
)

CATEGORY: Final = "activation"
plugin = Plugin(
    "aha",
    sdk=">=2,<3",
    config=AhaConfig,
    title={"en": "Aha moments", "ko": "아하 모먼트"},
    schedule="30 4 * * 1",
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_aha"),
)


def _actions(config: AhaConfig) -> Mapping[str, InputSpec]:
    return {
        "actions": SignupActions(
            length=config.length,
            back_from=config.back_from,
            back_to=config.back_to,
            days=config.observed_days,
            signup_event=config.signup_event,
            settling_days=config.settling_days,
        )
    }


@plugin.metric(
    "retention",
    title={"en": "Action that goes with staying", "ko": "유지와 가장 관련 있는 행동"},
    unit={"en": "phi", "ko": "phi"},
    card=cards.RETENTION,
    details=Found,
    subjects=("tenant",),
    inputs=_actions,
    category=CATEGORY,
)
def retention(rows: Computation[AhaConfig]) -> Answer | None:
    """The strongest early action against coming back."""
    return _answer(rows.once(observed.persons), rows.config)


@plugin.metric(
    "loyal",
    title={"en": "Actions that the most loyal have in common", "ko": "충성 사용자의 공통 행동"},
    unit={"en": "actions", "ko": "개"},
    card=cards.LOYAL,
    details=CommonActions,
    subjects=("tenant",),
    inputs=_actions,
    category=CATEGORY,
    no_interval="It is a number of actions; each one's share has its bounds in the details.",
)
def common_actions(rows: Computation[AhaConfig]) -> Answer | None:
    """How many early actions the most loyal have in common."""
    seen = rows.once(observed.persons)
    if seen.outcomes.is_empty():
        return None
    result = loyal(seen, rows.config)
    details = CommonActions.of(seen, result, shown=rows.config.shown)
    if result is None:
        return Answer(None, n=seen.outcomes.height, details=details)
    return Answer(sum(habit.is_common for habit in result.habits), n=result.size, details=details)


@plugin.metric(
    "upgrade",
    title={"en": "Action that goes with upgrading", "ko": "유료 전환과 가장 관련 있는 행동"},
    unit={"en": "phi", "ko": "phi"},
    card=cards.UPGRADE,
    details=Found,
    subjects=("tenant",),
    inputs=lambda config: {
        **_actions(config),
        "accounts": Accounts(),
        "subscriptions": Subscriptions(days=config.observed_days),
    },
    category=CATEGORY,
)
def upgrade(rows: Computation[AhaConfig]) -> Answer | None:
    """The strongest early action of new accounts against beginning to pay."""
    return _answer(rows.once(observed.accounts), rows.config)


def _answer(seen: observed.Observed, config: AhaConfig) -> Answer | None:
    if seen.outcomes.is_empty():
        return None
    result = search(seen.actions, seen.outcomes, config)
    best = result.found[0].table if result.found else None
    return Answer(
        None if best is None else best.phi,
        n=seen.outcomes.height,
        details=Found.of(seen, result, shown=config.shown),
        interval=None if best is None else best.interval_of_phi(result.level),
    )
