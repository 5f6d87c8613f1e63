"""The figures that stand beside a Net Promoter Score."""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Answers:
    """What a score is made of. Shares are 0 to 1."""

    promoters: Annotated[int, "Answers of 9 and 10."]
    passives: Annotated[int, "Answers of 7 and 8."]
    detractors: Annotated[int, "Answers of 0 to 6, of critics."]
    dismissed: Annotated[int, "Surveys shown but not answered; no part of n."]
    not_comparable: Annotated[int, "Answers on another scale than 0-10; no part of n."]
    invalid: Annotated[int, "Answers that are no whole number from 0 to 10; no part of n."]
    account_mode: Annotated[str, "respondent_weighted or mean_of_accounts."]
    accounts: Annotated[int | None, "Accounts in the mean; null where respondents are weighted."]
    without_account: Annotated[int, "Answers of no known account."]
    promoter_share: float | None
    passive_share: float | None
    detractor_share: float | None
    margin_of_error: Annotated[float | None, "Half the interval's width, in points, before it is clipped."]
