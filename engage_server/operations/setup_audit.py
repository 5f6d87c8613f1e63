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
from engage_server.operations.setup_words import WORDS, Said
from engage_server.plugin_host.activation import standing
from engage_server.plugin_host.registry import registry
from engage_server.plugin_host.server_catalogues import server_catalogues
from engage_server.sdk import TENANT, Status
from engage_server.segments.catalogue import segments
from engage_server.segments.conditions import Did, DidNot, parts
from engage_server.tenancy.scope import current_tenant
from engage_server.tenancy.services import find_tenant

RETENTION: Final = "retention"
NOTHING: Final = Said("", "")
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
         CROSS JOIN LATERAL (SELECT day FROM metrics_dayvalue WHERE series_id = series.id AND superseded_at IS NULL
                             ORDER BY day LIMIT 1) AS oldest
         CROSS JOIN LATERAL (SELECT day FROM metrics_dayvalue WHERE series_id = series.id AND superseded_at IS NULL
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
    state: SetupState
    title: Said
    why: Said
    found: Said
    remedy: Said


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
        state,
        f"{facts.own_names} of {facts.names} event names are defined by you.",
        f"이벤트 이름 {facts.names}개 중 {facts.own_names}개를 직접 정의했습니다.",
    )
    many = facts.key_names > MOST_KEY_EVENTS
    yield _item(
        "key_actions",
        SetupState.MISSING if not facts.key_names else SetupState.PARTLY if many else SetupState.DONE,
        f"{facts.key_names} event names are key.",
        f"핵심 이벤트는 {facts.key_names}개입니다.",
    )


def _of_identity(facts: Facts) -> Iterator[SetupItem]:
    yield _item(
        "identity",
        _by_share(facts.identified, facts.persons),
        f"{facts.identified} of the newest {facts.persons} persons have a user id.",
        f"최근 사용자 {facts.persons}명 중 {facts.identified}명에게 사용자 ID가 있습니다.",
    )
    yield _item(
        "membership",
        _by_share(facts.members, facts.persons),
        f"{facts.members} of the newest {facts.persons} persons belong to an account.",
        f"최근 사용자 {facts.persons}명 중 {facts.members}명이 고객에 속합니다.",
    )
    yield _item(
        "account_traits",
        _by_share(facts.described, facts.accounts),
        f"{facts.described} of the newest {facts.accounts} accounts have a plan or traits.",
        f"최근 고객 {facts.accounts}곳 중 {facts.described}곳에 요금제나 속성이 있습니다.",
    )


def _north_star() -> SetupItem:
    primary = find_tenant(current_tenant().slug).primary_metric
    aimed = [
        goal for goal in goals() if goal.body.metric == primary and goal.body.subject_kind == TENANT.kind
    ]
    if not primary:
        return _item(
            "north_star", SetupState.MISSING, "No metric is the primary one.", "대표 지표가 없습니다."
        )
    return _item(
        "north_star",
        SetupState.DONE if aimed else SetupState.PARTLY,
        f"The primary metric is {primary}, with {len(aimed)} goals.",
        f"대표 지표는 {primary}이고 목표는 {len(aimed)}개입니다.",
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
    if not known:
        return _item(
            "retention_baseline",
            SetupState.PARTLY if wanted else SetupState.MISSING,
            f"{len(wanted)} metrics of retention are on, none has a value.",
            f"유지율 지표 {len(wanted)}개가 켜져 있고 값은 없습니다.",
        )
    named = ", ".join(known[:3])
    return _item("retention_baseline", SetupState.DONE, f"{named} have values.", f"{named}에 값이 있습니다.")


def _of_segments() -> Iterator[SetupItem]:
    made = segments()
    tracked = [one for one in made if one.body.tracked]
    yield _item(
        "segments",
        SetupState.DONE if tracked else SetupState.PARTLY if made else SetupState.MISSING,
        f"{len(made)} segments, {len(tracked)} of them tracked.",
        f"세그먼트 {len(made)}개, 그중 추적 {len(tracked)}개.",
    )
    by_activity = [
        one.name
        for one in made
        if one.body.condition is not None
        and any(isinstance(part, Did | DidNot) for part, _ in parts(one.body.condition, one.body.subject))
    ]
    yield _item(
        "activity_cohorts",
        SetupState.DONE if by_activity else SetupState.MISSING,
        f"{len(by_activity)} segments ask for what was done."
        if by_activity
        else "No segment asks for what was done.",
        f"행동을 조건으로 하는 세그먼트는 {len(by_activity)}개입니다.",
    )


def _coverage() -> SetupItem:
    offered = _by_category(registry().plugins)
    on = _by_category(standing().active)
    gaps = {category: ids for category, ids in offered.items() if category not in on}
    words = server_catalogues()["ko"].labels
    missing = [(category, ", ".join(ids)) for category, ids in sorted(gaps.items())]
    named = "; ".join(f"{category} ({ids})" for category, ids in missing)
    korean = "; ".join(f"{words.get(category, category)}({ids})" for category, ids in missing)
    measured = ", ".join(sorted(on))
    measured_ko = ", ".join(words.get(category, category) for category in sorted(on))
    return _item(
        "coverage",
        SetupState.DONE if not gaps else SetupState.PARTLY if on else SetupState.MISSING,
        f"Measured: {measured or 'nothing'}." + (f" Not measured: {named}." if gaps else ""),
        f"측정 중: {measured_ko or '없음'}." + (f" 측정하지 않음: {korean}." if gaps else ""),
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
    named = ", ".join(sorted(waiting))
    return _item(
        "consent",
        SetupState.PARTLY if waiting else SetupState.DONE,
        f"{len(waiting)} plugins wait: {named}." if waiting else "No plugin waits.",
        f"플러그인 {len(waiting)}개가 대기 중입니다: {named}."
        if waiting
        else "대기 중인 플러그인이 없습니다.",
    )


def _history(facts: Facts) -> SetupItem:
    enough = facts.days >= LEAST_DAYS
    return _item(
        "history",
        SetupState.DONE if enough else SetupState.PARTLY if facts.days else SetupState.MISSING,
        f"Values of {facts.days} days are stored.",
        f"{facts.days}일의 값이 저장되어 있습니다.",
    )


def _by_share(part: int, whole: int) -> SetupState:
    if not part:
        return SetupState.MISSING
    return SetupState.DONE if part >= MOSTLY * whole else SetupState.PARTLY


def _item(key: str, state: SetupState, found: str, found_ko: str) -> SetupItem:
    words = WORDS[key]
    remedy = NOTHING if state is SetupState.DONE else words.remedy
    return SetupItem(key, state, words.title, words.why, Said(found, found_ko), remedy)


def share_done(items: Sequence[SetupItem]) -> float:
    """The share of the items that are done, 0 to 1; what is done partly counts half."""
    points = {SetupState.DONE: 1.0, SetupState.PARTLY: 0.5, SetupState.MISSING: 0.0}
    return sum(points[item.state] for item in items) / len(items)
