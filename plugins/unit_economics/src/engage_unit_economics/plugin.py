"""The plugin and its metrics."""

from collections.abc import Mapping
from typing import Final

from engage_server.sdk import (
    AccountHistory,
    Accounts,
    InputSpec,
    Ledger,
    Plugin,
    Sample,
    Subscriptions,
    catalogues_beside,
)
from engage_unit_economics import cards, customers, profit, velocity
from engage_unit_economics.config import UnitEconomicsConfig
from engage_unit_economics.details import (
    AcquisitionCost,
    CostRatio,
    Payback,
    Profitability,
    RetentionCost,
    SalesVelocity,
)

COUNTED: Final = "All costs and customers are counted; there is no sample."
MONEY: Final = {"en": "currency", "ko": "통화"}


def _economy(config: UnitEconomicsConfig) -> Mapping[str, InputSpec]:
    days = config.window_days + config.lag_days
    return {
        "subscriptions": Subscriptions(days=config.window_days, ever=True),
        "ledger": Ledger(kinds=("COST", "REVENUE"), days=days),
    }


def _with_accounts(config: UnitEconomicsConfig) -> Mapping[str, InputSpec]:
    history = {"history": AccountHistory()} if config.segment_by.startswith("traits.") else {}
    return {**_economy(config), "accounts": Accounts(), **history}


plugin = Plugin(
    "unit_economics",
    sdk=">=2,<3",
    config=UnitEconomicsConfig,
    title={"en": "Unit economics", "ko": "단위 경제성"},
    inputs=_economy,
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_unit_economics"),
)
plugin.metric(
    "cac",
    title={"en": "Cost of acquisition", "ko": "고객 획득 비용"},
    unit=MONEY,
    direction="DOWN",
    card=cards.CAC,
    details=AcquisitionCost,
    subjects=("tenant",),
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(customers.cac)
plugin.metric(
    "crc",
    title={"en": "Cost of retention", "ko": "고객 유지 비용"},
    unit=MONEY,
    direction="TARGET",
    card=cards.CRC,
    details=RetentionCost,
    subjects=("tenant",),
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(customers.crc)
plugin.metric(
    "cac_to_crc",
    title={"en": "Acquisition to retention", "ko": "획득 대 유지 비용"},
    direction="TARGET",
    card=cards.CAC_TO_CRC,
    details=CostRatio,
    subjects=("tenant",),
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(customers.cac_to_crc)
plugin.metric(
    "payback",
    title={"en": "Payback of acquisition", "ko": "획득 비용 회수 기간"},
    unit={"en": "months", "ko": "개월"},
    direction="DOWN",
    card=cards.PAYBACK,
    details=Payback,
    subjects=("tenant",),
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(customers.payback)
plugin.metric(
    "sales_velocity",
    title={"en": "Sales velocity", "ko": "영업 속도"},
    unit={"en": "currency a day", "ko": "일일 통화"},
    card=cards.VELOCITY,
    details=SalesVelocity,
    subjects=("tenant",),
    inputs=lambda _: {"opportunities": Ledger(kinds=("OPPORTUNITY",), ever=True)},
    of_all=True,
    category="money",
    sample=Sample.THINGS,
)(velocity.sales_velocity)
plugin.metric(
    "profitability",
    title={"en": "Profitability", "ko": "수익성"},
    unit=MONEY,
    card=cards.PROFITABILITY,
    details=Profitability,
    inputs=_with_accounts,
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(profit.profitability)
