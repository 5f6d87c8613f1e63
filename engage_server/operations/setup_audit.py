"""Whether a tenant is set up for its numbers to mean something: a list of what to see to, each with why and how.

Reads alone; inside the tenant's scope.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db import connection

from engage_server.activity.event_name_lint import MOST_KEY_EVENTS
from engage_server.metrics.anomalies import LEAST_DAYS
from engage_server.metrics.goals import goals
from engage_server.metrics.reader import StoredMetricReader
from engage_server.plugin_host.activation import standing
from engage_server.plugin_host.registry import registry
from engage_server.sdk import TENANT, Status
from engage_server.segments.catalogue import segments
from engage_server.segments.conditions import Did, DidNot, parts
from engage_server.tenancy.scope import current_tenant
from engage_server.tenancy.services import find_tenant

RETENTION: Final = "retention"
LOOKED_AT: Final = (
    10_000  # the newest persons and accounts: enough to tell a share, and as quick on any tenant
)
MOSTLY: Final = 0.8
FACTS: Final = """
    SELECT
        (SELECT count(*) FROM activity_eventname WHERE is_key),
        (SELECT count(*) FROM activity_eventname WHERE event_class <> 'NOTICE'),
        (SELECT count(*) FROM activity_eventname WHERE event_class <> 'NOTICE' AND own_fields IS NOT NULL),
        person.total, person.identified, person.members, account.total, account.described,
        (SELECT max(latest.day) - min(oldest.day) + 1
         FROM metrics_wording AS series
         CROSS JOIN LATERAL (SELECT day FROM metrics_dayvalue WHERE series_id = series.id ORDER BY day LIMIT 1) AS oldest
         CROSS JOIN LATERAL (SELECT day FROM metrics_dayvalue WHERE series_id = series.id
                             ORDER BY day DESC LIMIT 1) AS latest
         WHERE series.subject_kind = 'tenant')
    FROM (
        SELECT count(*) AS total, count(external_id) AS identified,
               count(*) FILTER (WHERE EXISTS (SELECT FROM customers_membership WHERE person_id = one.id)) AS members
        FROM (SELECT id, external_id FROM customers_person
              WHERE merged_into_id IS NULL AND NOT is_excluded AND NOT is_suppressed
              ORDER BY id DESC LIMIT %(most)s) AS one
    ) AS person,
    (
        SELECT count(*) AS total, count(*) FILTER (WHERE plan <> '' OR traits <> '{}') AS described
        FROM (SELECT plan, traits FROM customers_account ORDER BY id DESC LIMIT %(most)s) AS one
    ) AS account
"""


class SetupState(StrEnum):
    """How far one thing is done."""

    DONE = "DONE"
    PARTLY = "PARTLY"
    MISSING = "MISSING"


@dataclass(frozen=True, slots=True)
class SetupItem:
    """One thing to see to: what it is for, how it stands, and what to do; ``remedy`` is empty where it is done."""

    key: str
    title: str
    why: str
    state: SetupState
    found: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tables tell. Persons and accounts are the newest ``LOOKED_AT``; ``days`` span the stored values."""

    key_names: int
    names: int
    own_names: int
    persons: int
    identified: int
    members: int
    accounts: int
    described: int
    days: int


def setup_audit() -> list[SetupItem]:
    """All items, in the order in which they are best seen to."""
    facts = _facts()
    return [
        *_of_the_dictionary(facts),
        *_of_identity(facts),
        _north_star(),
        _retention_baseline(),
        *_of_segments(),
        _coverage(),
        _consent(),
        _history(facts),
    ]


def _facts() -> Facts:
    with connection.cursor() as cursor:
        cursor.execute(FACTS, {"most": LOOKED_AT})
        return Facts(*(number or 0 for number in cursor.fetchone()))


def _of_the_dictionary(facts: Facts) -> Iterator[SetupItem]:
    state = SetupState.MISSING
    if facts.own_names:
        state = SetupState.DONE if facts.own_names >= MOSTLY * facts.names else SetupState.PARTLY
    yield _item(
        "dictionary",
        "Event dictionary",
        "Which events are worth something decides who counts as active, engaged and activated.",
        state,
        f"{facts.own_names} of {facts.names} event names are defined by you.",
        "Define classes, weights and features: `manage.py dictionary`, or a preset.",
    )
    many = facts.key_names > MOST_KEY_EVENTS
    yield _item(
        "key_actions",
        "Key actions",
        f"One to {MOST_KEY_EVENTS} actions in which customers get their value keep everybody looking at the same thing.",
        SetupState.MISSING if not facts.key_names else SetupState.PARTLY if many else SetupState.DONE,
        f"{facts.key_names} event names are key.",
        f"Mark at most {MOST_KEY_EVENTS} event names as key.",
    )


def _of_identity(facts: Facts) -> Iterator[SetupItem]:
    yield _item(
        "identity",
        "Who is who",
        "A person with two names counts twice, and an anonymous one cannot be followed over devices.",
        _by_share(facts.identified, facts.persons),
        f"{facts.identified} of the newest {facts.persons} persons have a user id.",
        "Call identify when somebody signs in.",
    )
    yield _item(
        "membership",
        "Persons of accounts",
        "Metrics of accounts see those persons alone that belong to one.",
        _by_share(facts.members, facts.persons),
        f"{facts.members} of the newest {facts.persons} persons belong to an account.",
        "Call group when somebody signs in, or import memberships.",
    )
    yield _item(
        "account_traits",
        "What accounts are",
        "Plan and traits are the dimensions by which numbers are compared.",
        _by_share(facts.described, facts.accounts),
        f"{facts.described} of the newest {facts.accounts} accounts have a plan or traits.",
        "Send traits with group, or import accounts.",
    )


def _north_star() -> SetupItem:
    primary = find_tenant(current_tenant().slug).primary_metric
    aimed = [
        goal for goal in goals() if goal.body.metric == primary and goal.body.subject_kind == TENANT.kind
    ]
    state = SetupState.DONE if aimed else SetupState.PARTLY if primary else SetupState.MISSING
    return _item(
        "north_star",
        "North star",
        "One number that everybody wants to raise, with a value to reach by a day.",
        state,
        f"The primary metric is {primary}, with {len(aimed)} goals."
        if primary
        else "No metric is the primary one.",
        "Choose the metric that stands for the customers' value (`tenant set --primary-metric`), and set a goal on it.",
    )


def _retention_baseline() -> SetupItem:
    wanted = [
        f"{id}.{metric.id}"
        for id, active in standing().active.items()
        for metric in active.plugin.manifest.metrics
        if metric.category == RETENTION and TENANT.kind in metric.subjects
    ]
    latest = StoredMetricReader().latest_of(wanted, TENANT)
    known = sorted(name for name, value in latest.items() if value.status is Status.OK)
    state = SetupState.DONE if known else SetupState.PARTLY if wanted else SetupState.MISSING
    return _item(
        "retention_baseline",
        "Retention baseline",
        "Whether anything improves is only seen against how many stay today.",
        state,
        f"{', '.join(known[:3])} have values."
        if known
        else f"{len(wanted)} metrics of retention are on, none has a value.",
        "Enable a plugin that measures retention, and compute it for the past.",
    )


def _of_segments() -> Iterator[SetupItem]:
    made = segments()
    tracked = [one for one in made if one.body.tracked]
    state = SetupState.DONE if tracked else SetupState.PARTLY if made else SetupState.MISSING
    yield _item(
        "segments",
        "Segments",
        "A mean over all hides who thrives and who is at risk.",
        state,
        f"{len(made)} segments, {len(tracked)} of them tracked.",
        "Make segments, and track those that you look at each week.",
    )
    by_activity = [
        one.name
        for one in made
        if one.body.condition is not None
        and any(isinstance(part, Did | DidNot) for part, _ in parts(one.body.condition, one.body.subject))
    ]
    yield _item(
        "activity_cohorts",
        "Cohorts by what they did",
        "Who did a thing, and who did not, are the groups in which retention differs.",
        SetupState.DONE if by_activity else SetupState.MISSING,
        f"{len(by_activity)} segments ask for what was done."
        if by_activity
        else "No segment asks for what was done.",
        "Make a segment with the words `did` or `did_not`.",
    )


def _coverage() -> SetupItem:
    offered = _by_category(registry().plugins)
    on = _by_category(standing().active)
    gaps = {category: ids for category, ids in offered.items() if category not in on}
    named = "; ".join(f"{category} ({', '.join(ids)})" for category, ids in sorted(gaps.items()))
    return _item(
        "coverage",
        "A complete picture",
        "Not every metric, but each kind of them: a product that is used and not paid for is seen from one side only.",
        SetupState.DONE if not gaps else SetupState.PARTLY if on else SetupState.MISSING,
        f"Measured: {', '.join(sorted(on)) or 'nothing'}." + (f" Not measured: {named}." if gaps else ""),
        "Enable a plugin of each kind that you need.",
    )


def _by_category(plugins: Mapping[str, object]) -> dict[str, list[str]]:
    installed = registry().plugins
    found: dict[str, list[str]] = defaultdict(list)
    for id in sorted(plugins):
        for category in dict.fromkeys(metric.category for metric in installed[id].manifest.metrics):
            found[category].append(id)
    return found


def _consent() -> SetupItem:
    waiting = standing().waiting
    return _item(
        "consent",
        "Consent to what plugins read",
        "A plugin whose release reads more than was agreed to waits, and its numbers grow old.",
        SetupState.PARTLY if waiting else SetupState.DONE,
        f"{len(waiting)} plugins wait: {', '.join(sorted(waiting))}." if waiting else "No plugin waits.",
        "Look at the reasons in `manage.py plugin list`, and agree or disable.",
    )


def _history(facts: Facts) -> SetupItem:
    enough = facts.days >= LEAST_DAYS
    return _item(
        "history",
        "Values of the past",
        f"What is unusual is only known after {LEAST_DAYS} days of values.",
        SetupState.DONE if enough else SetupState.PARTLY if facts.days else SetupState.MISSING,
        f"Values of {facts.days} days are stored.",
        "Compute the past: `manage.py compute --from`.",
    )


def _by_share(part: int, whole: int) -> SetupState:
    if not part:
        return SetupState.MISSING
    return SetupState.DONE if part >= MOSTLY * whole else SetupState.PARTLY


def _item(key: str, title: str, why: str, state: SetupState, found: str, remedy: str) -> SetupItem:  # noqa: PLR0917
    return SetupItem(key, title, why, state, found, "" if state is SetupState.DONE else remedy)


def share_done(items: Sequence[SetupItem]) -> float:
    """The share of the items that are done, 0 to 1; what is done partly counts half."""
    points = {SetupState.DONE: 1.0, SetupState.PARTLY: 0.5, SetupState.MISSING: 0.0}
    return sum(points[item.state] for item in items) / len(items)
