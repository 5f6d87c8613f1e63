"""The plugin and its metrics."""

from collections.abc import Mapping
from typing import Final

from engage_revenue import averages, bridge, forecast, one_off, retention
from engage_revenue.cards.averages import ARPA, ARPPU, ARPU, ONE_OFF
from engage_revenue.cards.forecast import FORECAST
from engage_revenue.cards.recurring import ARR, MRR, QUICK_RATIO
from engage_revenue.cards.retention import GRR, NRR
from engage_revenue.config import RevenueConfig
from engage_revenue.details import (
    AverageOfPaying,
    AverageRevenue,
    Forecast,
    OneOff,
    QuickRatio,
    RecurringRevenue,
    RevenueRetention,
    YearOnYear,
)
from engage_server.sdk import (
    Accounts,
    ActivePersons,
    InputSpec,
    Ledger,
    Plugin,
    Sample,
    Seats,
    Subscriptions,
    catalogues_beside,
)

plugin = Plugin(
    "revenue",
    sdk=">=2,<3",
    config=RevenueConfig,
    title={"en": "Revenue", "ko": "매출"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_revenue"),
)
COUNTED: Final = "All subscriptions are counted; there is no sample."
MONEY: Final = {"en": "currency", "ko": "통화"}


def _terms(config: RevenueConfig) -> Mapping[str, InputSpec]:
    return {"subscriptions": Subscriptions(period=config.period, ever=True)}


def _ledger(config: RevenueConfig) -> Mapping[str, InputSpec]:
    return {"ledger": Ledger(kinds=("REVENUE",), period=config.period)}


def _revenue(config: RevenueConfig) -> Mapping[str, InputSpec]:
    return {**_terms(config), **(_ledger(config) if config.arpu_revenue == "all" else {})}


plugin.metric(
    "mrr",
    title={"en": "Monthly recurring revenue", "ko": "월간 반복 매출"},
    unit=MONEY,
    card=MRR,
    details=RecurringRevenue,
    inputs=_terms,
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(bridge.mrr)
plugin.metric(
    "arr",
    title={"en": "Annual recurring revenue", "ko": "연간 반복 매출"},
    unit=MONEY,
    card=ARR,
    details=YearOnYear,
    subjects=("tenant",),
    inputs=_terms,
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(bridge.arr)
plugin.metric(
    "quick_ratio",
    title={"en": "Quick ratio", "ko": "퀵 레이시오"},
    card=QUICK_RATIO,
    details=QuickRatio,
    subjects=("tenant",),
    inputs=_terms,
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(bridge.quick_ratio)
plugin.metric(
    "grr",
    title={"en": "Gross revenue retention", "ko": "총매출 유지율"},
    unit="%",
    card=GRR,
    details=RevenueRetention,
    subjects=("tenant",),
    inputs=_terms,
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(retention.grr)
plugin.metric(
    "nrr",
    title={"en": "Net revenue retention", "ko": "순매출 유지율"},
    unit="%",
    card=NRR,
    details=RevenueRetention,
    subjects=("tenant",),
    inputs=_terms,
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(retention.nrr)
plugin.metric(
    "arpu",
    title={"en": "Revenue per user", "ko": "사용자당 매출"},
    unit=MONEY,
    card=ARPU,
    details=AverageRevenue,
    subjects=("tenant",),
    inputs=lambda config: {**_revenue(config), "active": ActivePersons(days=config.arpu_days)},
    of_all=True,
    category="money",
    no_interval=COUNTED,
)(averages.arpu)
plugin.metric(
    "arpa",
    title={"en": "Revenue per account", "ko": "고객사당 매출"},
    unit=MONEY,
    card=ARPA,
    details=AverageRevenue,
    subjects=("tenant",),
    inputs=lambda config: {**_revenue(config), "accounts": Accounts()},
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(averages.arpa)
plugin.metric(
    "arppu",
    title={"en": "Revenue per paying account", "ko": "유료 고객사당 매출"},
    unit=MONEY,
    card=ARPPU,
    details=AverageOfPaying,
    subjects=("tenant",),
    inputs=lambda config: {**_terms(config), "seats": Seats()},
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(averages.arppu)
plugin.metric(
    "one_off",
    title={"en": "One-off revenue", "ko": "일회성 매출"},
    unit=MONEY,
    card=ONE_OFF,
    details=OneOff,
    inputs=_ledger,
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(one_off.one_off)
plugin.metric(
    "forecast",
    title={"en": "Forecast of recurring revenue", "ko": "반복 매출 예측"},
    unit=MONEY,
    card=FORECAST,
    details=Forecast,
    subjects=("tenant",),
    inputs=_terms,
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval="Fewer than eight forecasts of the past can be held against what came.",
)(forecast.forecast)
