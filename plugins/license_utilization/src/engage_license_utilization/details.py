"""The further figures of license utilization."""

from dataclasses import dataclass
from typing import Annotated

from engage_license_utilization.config import Band, Denominator


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The utilization against another denominator."""

    denominator: Annotated[
        Denominator, "PURCHASED seats, ENTITLED (with those on trial), or PROVISIONED members."
    ]
    users: Annotated[int, "Active users who count against it."]
    seats: Annotated[int | None, "Its number; null where there is none."]
    utilization: Annotated[float | None, "In per cent."]
    band: Annotated[Band | None, "Where it lies."]


@dataclass(frozen=True, slots=True)
class Licenses:
    """Seats and who uses them."""

    active_users: Annotated[int, "Persons who use a seat; all active ones where there is none."]
    active_without_seat: Annotated[int, "Active under an unlimited plan, a trial or none; not in the value."]
    seats: Annotated[int | None, "Null for an unlimited plan, a trial or none."]
    spare_seats: Annotated[int | None, "Seats less users; negative where seats lack."]
    trial_seats: Annotated[int, "Seats on trial, which were not purchased."]
    unlimited_accounts: Annotated[int, "Accounts of these with an unlimited subscription."]
    accounts: Annotated[int, "Accounts that the figures cover."]
    mode: Annotated[str, "seats, provisioned, unlimited, trial or none."]
    band: Annotated[Band | None, "Where the utilization lies; the edges are configuration."]
    opportunity: Annotated[bool, "Full or over-allocated: a reason to offer more seats."]
    own_active_users: Annotated[int | None, "In the account itself; for the tenant, in accounts with seats."]
    own_seats: Annotated[int | None, "Of the account itself; null for the tenant."]
    peak_users: Annotated[
        int | None, "Sessions at one moment at most; null where distinct users are measured."
    ] = None
    provisioned: Annotated[int | None, "Members, and who was active; null where they are not read."] = None
    what_if: Annotated[tuple[WhatIf, ...], "Against each denominator; empty unless it is asked for."] = ()
