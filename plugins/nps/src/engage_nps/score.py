"""A score with all that it needs to be read, from counted responses."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import fsum
from typing import Annotated, Final

from engage_nps.config import NpsConfig
from engage_nps.counts import ANSWERED, Counts, total
from engage_server.sdk import Answer, Contribution, Interval
from engage_server.sdk.intervals import ADDED, net_margin, z_of

PLACES: Final = 10
"""Decimals of published figures: few enough that their written digits add up exactly."""


@dataclass(frozen=True, slots=True)
class Answers(Counts):
    """What a score is made of. Shares are 0 to 1."""

    account_mode: Annotated[str, "respondent_weighted or mean_of_accounts."] = "respondent_weighted"
    accounts: Annotated[int | None, "Accounts in the mean; null where respondents are weighted."] = None
    without_account: Annotated[int, "Answers of no known account."] = 0
    promoter_share: Annotated[float | None, "Share of the answers, or mean of the accounts' shares."] = None
    passive_share: Annotated[float | None, "As promoterShare."] = None
    detractor_share: Annotated[float | None, "As promoterShare; the critics' rate."] = None
    margin_of_error: Annotated[
        float | None, "Half the interval's width, in points, before it is clipped."
    ] = None
    margin_at_100: Annotated[
        float | None,
        "Plain Wald margin that 100 answers of these shares would have, in points; four times as many halve it.",
    ] = None
    response_rate: Annotated[float | None, "n / (n + unanswered); null where nobody was asked."] = None
    worst_case: Annotated[float | None, "Respondents' score if all the unanswered were detractors."] = None
    best_case: Annotated[float | None, "Respondents' score if all the unanswered were promoters."] = None


def answer_of(
    groups: Sequence[Counts], config: NpsConfig, *, by_mean: bool = False, without_account: int = 0
) -> Answer:
    """The mean of the groups' scores; respondent-weighted figures come as one group."""
    counts = total(groups)
    answered = [group for group in groups if group.n]
    said = asdict(counts) | {"without_account": without_account} | _bounds(counts)
    if by_mean:
        said |= {"account_mode": "mean_of_accounts", "accounts": len(answered)}
    if not answered:
        return Answer(None, n=0, details=Answers(**said))
    p, passive, d = (
        fsum(getattr(group, kind) / group.n for group in answered) / len(answered) for kind in ANSWERED
    )
    value = round(100 * (p - d), PLACES)
    margin, interval = (None, None) if by_mean else _interval(counts, config)
    said |= {"promoter_share": p, "passive_share": passive, "detractor_share": d, "margin_of_error": margin}
    # Rounding makes of unanimous answers' zero one below it.
    said["margin_at_100"] = 10 * z_of(config.confidence) * max(0.0, p + d - (p - d) ** 2) ** 0.5
    return Answer(
        value,
        n=counts.n,
        details=Answers(**said),
        parts=_parts(counts, value=value, shares=(p, passive, d)),
        interval=interval,
    )


def _bounds(counts: Counts) -> dict[str, float | None]:
    """What is known for sure of all who were asked: C. F. Manski, Partial Identification (2003), chapter 1."""
    asked = counts.n + counts.unanswered
    if not asked:
        return {"response_rate": None, "worst_case": None, "best_case": None}
    net = counts.promoters - counts.detractors
    return {
        "response_rate": counts.n / asked,
        "worst_case": 100 * (net - counts.unanswered) / asked,
        "best_case": 100 * (net + counts.unanswered) / asked,
    }


def _parts(counts: Counts, *, value: float, shares: tuple[float, float, float]) -> tuple[Contribution, ...]:
    p, passive, d = (round(100 * share, PLACES) for share in shares)
    against = round(value - p, PLACES)
    return (
        Contribution("promoters", "Promoters (9-10), %", p, points=p, weight=1, n=counts.promoters),
        Contribution("passives", "Passives (7-8), %", passive, points=0, weight=0, n=counts.passives),
        Contribution(
            "detractors", "Detractors or critics (0-6), %", d, points=against, weight=-1, n=counts.detractors
        ),
    )


def _interval(counts: Counts, config: NpsConfig) -> tuple[float, Interval]:
    """The margin of error, and the interval clipped to what a score can be."""
    added = ADDED if config.interval == "adjusted_wald" else 0
    middle, margin = net_margin(*counts.net, added=added, level=config.confidence)
    return margin, Interval(
        max(-100.0, middle - margin), min(100.0, middle + margin), config.confidence, config.interval
    )
