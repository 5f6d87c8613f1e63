"""The figures that stand beside a utilization."""

from dataclasses import dataclass
from typing import Annotated

from engage_license_utilization.config import Band


@dataclass(frozen=True, slots=True)
class Licenses:
    """Seats and who uses them."""

    active_users: int
    active_without_seat: Annotated[int, "Active under an unlimited plan, a trial or none; not in the value."]
    seats: Annotated[int | None, "Null for an unlimited plan, a trial or none."]
    spare_seats: Annotated[int | None, "Seats less active users; negative where seats lack."]
    trial_seats: Annotated[int, "Seats on trial, which were not purchased."]
    unlimited_accounts: int
    accounts: Annotated[int, "Accounts that the figures cover."]
    mode: Annotated[str, "seats, unlimited, trial or none."]
    band: Annotated[Band | None, "Where the utilization lies; the edges are configuration."]
    opportunity: Annotated[bool, "Full or over-allocated: a reason to offer more seats."]
    own_active_users: Annotated[int | None, "In the account itself; null for the tenant."] = None
    own_seats: Annotated[int | None, "Of the account itself; null for the tenant."] = None
