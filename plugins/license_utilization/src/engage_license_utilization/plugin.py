"""Active users against purchased seats, per account and for the tenant; and what changed of the seats."""

from collections.abc import Hashable, Iterator
from functools import partial
from typing import Final

from engage_license_utilization import card
from engage_license_utilization.answer import answer_of
from engage_license_utilization.config import LicenseUtilizationConfig
from engage_license_utilization.details import Licenses
from engage_license_utilization.figures import Row, figures
from engage_license_utilization.fit import Bought, FitChange, bought_by_account, change_of
from engage_license_utilization.peak import TENANT_KEY
from engage_server.sdk import (
    TENANT,
    ActivePersons,
    Answer,
    Computation,
    InputSpec,
    Members,
    Plugin,
    Sample,
    Seats,
    Sessions,
    Subject,
    account,
    catalogues_beside,
)

TITLES: Final = {"en": "License utilization", "ko": "라이선스 활용률"}
plugin = Plugin(
    "license_utilization",
    sdk=">=2,<3",
    config=LicenseUtilizationConfig,
    title=TITLES,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_license_utilization"),
)
Answers = Iterator[tuple[Subject, Answer]]


def _inputs(config: LicenseUtilizationConfig) -> dict[str, InputSpec]:
    inputs: dict[str, InputSpec] = {
        "active": ActivePersons(days=config.window_days, event_class=config.event_class),
        "seats": Seats(),
    }
    if config.reads_members:
        inputs["members"] = Members(days=config.window_days)
    if config.users == "concurrent_peak":
        inputs["sessions"] = Sessions(days=config.window_days)
    return inputs


@plugin.metric(
    "utilization",
    title=TITLES,
    unit="%",
    direction="TARGET",
    card=card.UTILIZATION,
    details=Licenses,
    inputs=_inputs,
    of_all=True,
    category="adoption",
    definition_version=3,
    sample=Sample.THINGS,
    no_interval="Seats and persons are counted; there is no sample.",
)
def utilization(rows: Computation[LicenseUtilizationConfig]) -> Answers:
    """Active users / purchased seats x 100, in per cent, for the tenant and every account.

    Raises:
        AccountCycleError: an account is its own ancestor, and the configuration rolls up.
    """
    config = rows.config
    found = figures(rows, include_trials=config.include_trials)
    purchased, entitled = found, found
    if config.what_if:
        purchased, entitled = (figures(rows, include_trials=trials) for trials in (False, True))
    # Accounts of the same figures have the same answer.
    for id, row in found.items():
        subject = TENANT if id == TENANT_KEY else account(id)
        compared = (purchased[id], entitled[id]) if config.what_if else ()
        key = ("utilization", subject.kind, *(_figures(one) for one in (row, *compared)))
        yield (
            subject,
            rows.alike(key, partial(answer_of, subject, row, config, compared=compared or None)),
        )


def _figures(row: Row) -> Hashable:
    return tuple([figure for name, figure in row.items() if name != "account"])


@plugin.metric(
    "seat_change",
    title={"en": "Change of seats", "ko": "좌석 수 변화"},
    unit={"en": "seats", "ko": "석"},
    card=card.SEAT_CHANGE,
    details=FitChange,
    inputs=lambda config: (
        {"seats": Seats(), "previous": Seats(ends_before=config.change_days)} if config.change_days else None
    ),
    of_all=True,
    category="adoption",
    sample=Sample.THINGS,
    no_interval="Seats are counted; there is no sample.",
)
def seat_changes(rows: Computation[LicenseUtilizationConfig]) -> Answers:
    """Seats less those of the earlier day: of the tenant, then of each account with a subscription on either."""
    now, before = bought_by_account(rows["seats"]), bought_by_account(rows["previous"])
    yield TENANT, change_of(sum(now.values(), Bought()), sum(before.values(), Bought()))
    for id in sorted({*now, *before}):
        yield account(id), change_of(now.get(id, Bought()), before.get(id, Bought()))
