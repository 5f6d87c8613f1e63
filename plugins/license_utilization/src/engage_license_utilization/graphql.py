"""The typed fields: ``Query.licenseUtilization`` and ``Account.licenseUtilization``."""

from datetime import date
from typing import Self

import strawberry

from engage_license_utilization.config import Band
from engage_server.sdk import account
from engage_server.sdk.graphql import AccountNode, MetricResult, StoredValue, expose_enum, result, stored

METRIC = "license_utilization.utilization"

expose_enum(
    Band, name="LicenseUtilizationBand", description="Where a utilization lies; the edges are configuration."
)


@strawberry.type(
    description="Active users as a share of the purchased seats, in per cent; above 100 is possible."
)
class LicenseUtilization(MetricResult):
    active_users: int
    active_without_seat: int = strawberry.field(
        description="Active under an unlimited plan, a trial or none; not in the value."
    )
    seats: int | None = strawberry.field(description="Null for an unlimited plan, a trial or none.")
    trial_seats: int = strawberry.field(description="Seats on trial, which were not purchased.")
    spare_seats: int | None = strawberry.field(
        description="Seats less active users; negative where seats lack."
    )
    mode: str = strawberry.field(description="seats, unlimited, trial or none.")
    band: Band | None
    opportunity: bool = strawberry.field(description="Full or over-allocated: a reason to offer more seats.")

    @classmethod
    def of(cls, value: StoredValue | None) -> Self | None:
        """The typed form of a stored value of ``license_utilization.utilization``."""
        if value is None:
            return None
        details = value.details
        return result(
            cls,
            value,
            active_users=details["active_users"],
            # Values of before there were these.
            active_without_seat=details.get("active_without_seat", 0),
            trial_seats=details.get("trial_seats", 0),
            seats=details["seats"],
            spare_seats=details["spare_seats"],
            mode=details["mode"],
            band=details["band"] and Band(details["band"]),
            opportunity=details["opportunity"],
        )


@strawberry.type
class LicenseUtilizationQuery:
    @strawberry.field(description="Utilization of all limited seats together on a day (default: the newest).")
    def license_utilization(self, info: strawberry.Info, on: date | None = None) -> LicenseUtilization | None:
        return LicenseUtilization.of(stored(info, METRIC, on=on))


@strawberry.type
class LicenseUtilizationAccountFields:
    @strawberry.field(
        description="Utilization of the seats of the account and of those below it, on a day (default: the newest)."
    )
    def license_utilization(
        self: AccountNode, info: strawberry.Info, on: date | None = None
    ) -> LicenseUtilization | None:
        return LicenseUtilization.of(stored(info, METRIC, account(self.pk), on))
