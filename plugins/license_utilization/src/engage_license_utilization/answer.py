"""One subject's utilization from its figures."""

from typing import Final

from engage_license_utilization.config import Band, Denominator, LicenseUtilizationConfig
from engage_license_utilization.details import Licenses, WhatIf
from engage_license_utilization.figures import Row
from engage_server.sdk import Answer, Contribution, Subject

# Names of the two parts, by kind of subject.
LABELS: Final = {
    "tenant": ("In accounts with seats of their own", "Only in accounts below those"),
    "account": ("In the account itself", "Only in accounts below"),
}


def answer_of(
    subject: Subject, row: Row, config: LicenseUtilizationConfig, *, compared: tuple[Row, Row] | None = None
) -> Answer:
    """The utilization of the subject; ``compared`` are its figures without and with seats on trial, for the what-if."""
    everybody, mode = row["active_users"], _mode(row, config)
    is_seated, is_peak = mode == "seats", config.users == "concurrent_peak"
    users = row["users_on_seats"] if is_seated else everybody
    peak = (row.get("peak") or 0) if is_peak else None
    seats = row["seats"] if is_seated else None
    denominator = seats if is_seated else row.get("provisioned") if mode == "provisioned" else None
    used = users if peak is None or not is_seated else peak
    band = band_of(users=used, seats=denominator, config=config) if denominator else None
    details = Licenses(
        active_users=users,
        active_without_seat=everybody - users,
        seats=seats,
        spare_seats=seats - used if seats else None,
        mode=mode,
        band=band,
        opportunity=is_seated and band in {Band.FULL, Band.OVER_ALLOCATED},
        own_active_users=row.get("own_active_users"),
        own_seats=row.get("own_seats"),
        peak_users=peak,
        provisioned=(row.get("provisioned") or 0) if config.reads_members else None,
        what_if=() if compared is None else _what_if(*compared, config),
        **{name: row[name] for name in ("trial_seats", "unlimited_accounts", "accounts")},
    )
    parts = _own_and_below(row, seats, labels=LABELS[subject.kind]) if seats and not is_peak else ()
    return Answer(
        100 * used / denominator if denominator else None, n=denominator or 0, details=details, parts=parts
    )


def _mode(row: Row, config: LicenseUtilizationConfig) -> str:
    if config.provisioned == "always":
        return "provisioned"
    unlimited = "provisioned" if config.provisioned == "unlimited" else "unlimited"
    if row["is_unlimited"]:
        return unlimited
    if row["seats"]:
        return "seats"
    if row["unlimited_accounts"]:
        return unlimited
    return "trial" if row["on_trial"] else "none"


def band_of(*, users: int, seats: int, config: LicenseUtilizationConfig) -> Band:
    """The band of users against seats; compared unrounded."""
    hundredfold = 100 * users
    if hundredfold < config.healthy_low * seats:
        return Band.UNDER
    if hundredfold < config.healthy_high * seats:
        return Band.HEALTHY
    return Band.FULL if users <= seats else Band.OVER_ALLOCATED


def _what_if(purchased: Row, entitled: Row, config: LicenseUtilizationConfig) -> tuple[WhatIf, ...]:
    """Distinct users against each denominator; an unlimited plan of the subject's own has no number of seats."""
    seats = (
        (Denominator.PURCHASED, purchased["users_on_seats"], _number(purchased)),
        (Denominator.ENTITLED, entitled["users_on_seats"], _number(entitled)),
        (Denominator.PROVISIONED, purchased["active_users"], purchased.get("provisioned") or None),
    )
    return tuple(
        WhatIf(
            name,
            users,
            number,
            100 * users / number if number else None,
            band_of(users=users, seats=number, config=config) if number else None,
        )
        for name, users, number in seats
    )


def _number(row: Row) -> int | None:
    return None if row["is_unlimited"] else row["seats"] or None


def _own_and_below(row: Row, seats: int, *, labels: tuple[str, str]) -> tuple[Contribution, ...]:
    """The users of seats in accounts that have them, and those active only in the accounts below; together the value."""
    own = row["own_active_users"]
    parts = (("own", labels[0], own), ("below", labels[1], row["users_on_seats"] - own))
    return tuple(
        Contribution(key, label, number, points=100 * number / seats, n=number)
        for key, label, number in parts
        if key == "own" or row["accounts"] > 1 or number
    )
