"""What a tenant may choose about its Net Promoter Score."""

from typing import Literal

from pydantic import Field

from engage_server.sdk import PluginConfig

AccountMode = Literal["respondent_weighted", "mean_of_accounts"]
Interval = Literal["adjusted_wald", "wald"]
Stage = Literal["LEAD", "TRIAL", "CUSTOMER", "CHURNED"]


class NpsConfig(PluginConfig):
    """Which responses count, and how accounts enter the tenant's figure."""

    instrument: str = Field(
        "nps",
        min_length=1,
        description="Survey instrument to read; a trailing star reads all whose name begins so (nps*).",
    )
    window_days: int = Field(90, ge=1, le=366, description="Length of the trailing window in calendar days.")
    per_person: Literal["latest_as_of_window_end", "all"] = Field(
        "latest_as_of_window_end",
        description="Count each person's last response within the window (over all instruments read), or every one.",
    )
    account_mode: AccountMode = Field(
        "respondent_weighted",
        description=(
            "The tenant's score over all respondents, or as the mean of its accounts' scores, "
            "so that a big account does not dominate."
        ),
    )
    interval: Interval = Field(
        "adjusted_wald",
        description=(
            "How the margin of error is reckoned: adjusted Wald holds for few and for unanimous answers too; "
            "plain Wald says 0 for unanimous ones, however few."
        ),
    )
    confidence: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of the margin of error; 0.95 is z = 1.96."
    )
    compare_windows: bool = Field(
        False,
        description="Whether the score's change against the window before is measured, with its significance.",
    )
    measure_coverage: bool = Field(
        False,
        description="Whether the share of accounts and of recurring revenue that answered is measured; it reads both.",
    )
    covered_stages: tuple[Stage, ...] = Field(
        ("CUSTOMER",), min_length=1, description="Stages of the accounts that the coverage is about."
    )
