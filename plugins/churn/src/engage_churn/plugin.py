"""The plugin and its metrics."""

from collections.abc import Mapping
from typing import Final

from engage_churn import card, logo, revenue
from engage_churn.config import ChurnConfig
from engage_churn.details import LogoChurn, RevenueChurn
from engage_server.sdk import InputSpec, Plugin, Sample, Subscriptions, catalogues_beside

COUNTED: Final = "All revenue is counted; there is no sample."


def _terms(config: ChurnConfig) -> Mapping[str, InputSpec]:
    return {"subscriptions": Subscriptions(period=config.period, ever=True)}


plugin = Plugin(
    "churn",
    sdk=">=2,<3",
    config=ChurnConfig,
    title={"en": "Churn", "ko": "이탈률"},
    inputs=_terms,
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_churn"),
)
plugin.metric(
    "logo",
    title={"en": "Customer churn", "ko": "고객 이탈률"},
    unit="%",
    direction="DOWN",
    card=card.LOGO,
    details=LogoChurn,
    subjects=("tenant",),
    of_all=True,
    category="money",
    sample=Sample.THINGS,
)(logo.logo)
plugin.metric(
    "gross_revenue",
    title={"en": "Gross revenue churn", "ko": "총매출 이탈률"},
    unit="%",
    direction="DOWN",
    card=card.GROSS,
    details=RevenueChurn,
    subjects=("tenant",),
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(revenue.gross)
plugin.metric(
    "net_revenue",
    title={"en": "Net revenue churn", "ko": "순매출 이탈률"},
    unit="%",
    direction="DOWN",
    card=card.NET,
    details=RevenueChurn,
    subjects=("tenant",),
    of_all=True,
    category="money",
    sample=Sample.THINGS,
    no_interval=COUNTED,
)(revenue.net)
