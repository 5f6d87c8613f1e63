"""The plugin and its metrics."""

from collections.abc import Mapping
from typing import Final

from engage_customer_value import cards, fit, historical, predictive
from engage_customer_value.config import CustomerValueConfig
from engage_customer_value.details import Effort, Fit, HistoricalValue, PredictedValue
from engage_server.sdk import (
    AccountHistory,
    InputSpec,
    Ledger,
    Plugin,
    Sample,
    Subscriptions,
    Touches,
    catalogues_beside,
)

MONEY: Final = {"en": "currency", "ko": "통화"}


def _terms(_: CustomerValueConfig) -> Mapping[str, InputSpec]:
    return {"subscriptions": Subscriptions(ever=True)}


def _values(config: CustomerValueConfig) -> Mapping[str, InputSpec]:
    return {**_terms(config), "ledger": Ledger(kinds=("COST", "REVENUE"), ever=True)}


def _explained(config: CustomerValueConfig) -> Mapping[str, InputSpec]:
    inputs: dict[str, InputSpec] = {**_values(config), "history": AccountHistory()}
    if config.effort == "touches":
        channels = tuple(sorted(config.touch_channels.items()))
        inputs["touches"] = Touches(channels, days=config.effort_days)
    return inputs


plugin = Plugin(
    "customer_value",
    sdk=">=2,<3",
    config=CustomerValueConfig,
    title={"en": "Customer value", "ko": "고객 가치"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_customer_value"),
)
plugin.metric(
    "historical",
    title={"en": "Lifetime value so far", "ko": "누적 고객 생애 가치"},
    unit=MONEY,
    card=cards.HISTORICAL,
    details=HistoricalValue,
    inputs=_values,
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval="All revenue and costs are counted; there is no sample.",
)(historical.historical)
plugin.metric(
    "predictive",
    title={"en": "Predicted lifetime value", "ko": "예상 고객 생애 가치"},
    unit=MONEY,
    card=cards.PREDICTIVE,
    details=PredictedValue,
    inputs=_terms,
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval="Without a month of history there is no churn.",
)(predictive.predictive)
plugin.metric(
    "fit",
    title={"en": "Fit", "ko": "적합도"},
    card=cards.FIT,
    details=Fit,
    inputs=_explained,
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval="The groups are what they are; few of them are a sample.",
)(fit.fit)
plugin.metric(
    "effort",
    title={"en": "Value by own effort", "ko": "자체 노력 대비 가치"},
    card=cards.EFFORT,
    details=Effort,
    subjects=("tenant",),
    inputs=_explained,
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval="Too few customers.",
)(fit.effort)
