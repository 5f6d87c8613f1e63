"""Each playbook that comes with the server, on simulated data: of whom it speaks, of whom it does not, and what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engage_server.activity.models import EventName
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.automation.exceptions import UnknownPresetError
from engage_server.automation.models import Journey, Task
from engage_server.automation.presets import PRESETS, preset
from engage_server.automation.rules import rule
from engage_server.customers.models import Account, Person
from engage_server.customers.windows import day_window
from engage_server.definitions.models import Definition
from engage_server.ingest.items import AccountItem, MembershipItem, PersonKey, ResponseItem, SubscriptionItem
from engage_server.ingest.store import store_items
from engage_server.operations import channels
from engage_server.operations import playbooks as operations
from engage_server.operations.presets import apply_preset
from engage_server.segments import catalogue
from engage_server.segments.evaluation import Evaluation
from engage_server.segments.membership import record_members
from engage_server.tenancy.scope import current_tenant, tenant_scope
from tests.automation.days import FIRST, day, judge_days
from tests.automation.test_playbooks import let_pass, said
from tests.automation.test_presets import did
from tests.metrics.values import store

GIVEN = {"after": "signed up", "event": "exported", "link": "https://docs.example/begin"}
NAMES = ("north", "south")


def noon(number: int) -> datetime:
    return datetime(FIRST.year, FIRST.month, FIRST.day, 12, tzinfo=UTC) + timedelta(days=number)


def of(name: str) -> int:
    return Account.objects.get(external_id=name).pk


def valued(metric: str, north: float, south: float) -> Callable[[], None]:
    """Both accounts have a usual value on the first day, and these on the next."""

    def simulate() -> None:
        for name, value in zip(NAMES, (north, south), strict=True):
            store(metric, 70, kind="account", subject=of(name), day=day(0))
            store(metric, value, kind="account", subject=of(name), day=day(1))

    return simulate


def happened(*events: tuple[str, str, int]) -> Callable[[], None]:
    return lambda: store_items([did(*one) for one in events], source="web") and None


def answered(north: int, south: int) -> Callable[[], None]:
    def simulate() -> None:
        scores = {"ada": north, "bob": south}
        items = [
            ResponseItem(
                name,
                "nps",
                Decimal(0),
                Decimal(10),
                noon(1),
                score=Decimal(score),
                person=PersonKey(user_id=name),
            )
            for name, score in scores.items()
        ]
        store_items(items, source="web")

    return simulate


def renewing() -> None:
    terms = [
        SubscriptionItem("s1", "north", FIRST - timedelta(days=300), ends_on=FIRST + timedelta(days=45)),
        SubscriptionItem("s2", "south", FIRST - timedelta(days=30), ends_on=FIRST + timedelta(days=335)),
    ]
    store_items(terms, source="web")


def renewing_and_falling() -> None:
    store_items(
        [SubscriptionItem(f"s {name}", name, noon(-300).date(), ends_on=noon(80).date()) for name in NAMES],
        source="web",
    )  # fmt: skip
    for name, trend in zip(NAMES, (-4, 3), strict=True):
        for number in (0, 1):
            store("health_score.trend", trend, kind="account", subject=of(name), day=day(number))


def cancelled() -> None:
    gone = SubscriptionItem(
        "s1",
        "north",
        FIRST - timedelta(days=300),
        ends_on=day(1),
        status="canceled",
        cancel_reason="too dear",
    )
    store_items([gone, AccountItem("north", stage="CHURNED", occurred_at=noon(1))], source="web")


@dataclass(frozen=True)
class Case:
    """``about``: of whom it speaks when the days are over, of two that differ in what the preset is about."""

    simulate: Callable[[], object]
    about: str
    says: str
    days: int = 2
    later: Mapping[str, int] | None = None
    task: str = ""


SIGNED_UP = (("ada", "signed up", 0), ("bob", "signed up", 0))
CASES: dict[str, Case] = {
    "signup_sequence": Case(happened(("ada", "exported", 1)), "ada", "https://docs.example/begin"),
    "weekly_inactivity": Case(
        happened(("ada", "exported", 0), ("bob", "exported", 0), ("bob", "exported", 5)), "ada", "Go on", days=8
    ),
    "setup_not_done": Case(happened(*SIGNED_UP[:1], ("ada", "exported", 9)), "north", "Offer help", days=5),
    "reengage_inactive": Case(
        happened(("ada", "exported", 0), ("bob", "exported", 0), ("bob", "exported", 20)), "ada", "what changed", days=31
    ),
    "no_key_action": Case(happened(*SIGNED_UP, ("bob", "exported", 2)), "ada", "first success", days=8),
    "detractor_follow_up": Case(answered(3, 9), "ada", "two days", task="Call ada"),
    "passive_follow_up": Case(answered(8, 9), "ada", "a 9"),
    "first_week_alarm": Case(valued("first_week.score", 20, 80), "north", "kim calls", task="first week"),
    "low_usage": Case(valued("usage_frequency.active_days", 2, 20), "north", "in the way", task="hardly"),
    "seats_full": Case(valued("license_utilization.utilization", 95, 70), "north", "more seats", task="95%"),
    "seats_unused": Case(valued("license_utilization.utilization", 30, 70), "north", "roll it out", task="roll out"),
    "renewal_ahead": Case(renewing, "north", "Prepare"),
    "renewal_health": Case(renewing_and_falling, "north", "speaks to who decides", task="Speak"),
    "win_back": Case(cancelled, "north", "too dear", later={"days": 31}, task="Ask North"),
    "milestone_reached": Case(valued("milestones.progress", 100, 60), "north", "Congratulate"),
    "unused_modules": Case(valued("adoption.features_used", 20, 80), "north", "the rest"),
}  # fmt: skip


@pytest.fixture
def hook(acme, receiver) -> int:
    with tenant_scope(acme):
        store_items(
            [
                *(AccountItem(name, name.title(), owner="kim", stage="CUSTOMER", occurred_at=noon(-9)) for name in NAMES),
                MembershipItem(PersonKey(user_id="ada"), "north", noon(-60)),
                MembershipItem(PersonKey(user_id="bob"), "south", noon(-60)),
            ],
            source="web",
        )  # fmt: skip
        for name in ("signed up", "exported"):
            EventName.objects.get_or_create(name=name)
        return channels.create_channel("Hook", {"kind": "WEBHOOK", "url": receiver.url}).channel.number


def follow(last: int) -> None:
    """Keep who is in the followed segments on each of the days, as the schedule does."""
    for segment in catalogue.segments():
        for number in range(last):
            with current_rollups():
                found = Evaluation(day_window(day(number), current_tenant().timezone)).members(segment.number)
            record_members(segment.number, found, day(number))


def subjects() -> set[str]:
    journeys = Journey.objects.values_list("subject_kind", "subject")
    accounts = dict(Account.objects.values_list("pk", "external_id"))
    persons = dict(Person.objects.values_list("pk", "external_id"))
    return {(accounts if kind == "account" else persons)[subject] for kind, subject in journeys}


def test_every_preset_has_a_case():
    assert set(CASES) == {one.id for one in PRESETS}


@pytest.mark.parametrize("id", CASES)
def test_a_preset_speaks_of_whom_it_is_about_and_of_nobody_else(acme, globex, hook, id):
    case = CASES[id]
    with tenant_scope(acme):
        made = apply_preset(id, channel=hook, events={need: GIVEN[need] for need in preset(id).needs})
        operations.change_playbook(made.number, changes={"enabled": True})
        Definition.objects.filter(kind="segment").update(created_at=noon(0))
        case.simulate()
        follow(case.days)
        judge_days(range(case.days))
        assert subjects() == {case.about}
    let_pass(acme)
    if case.later:
        let_pass(acme, **case.later)
    assert case.says in said(acme)[0]
    with tenant_scope(acme):
        assert case.task in "".join(f"{one.title} {one.text}" for one in Task.objects.all())
        assert bool(case.task) == Task.objects.exists()
    with tenant_scope(globex):
        assert not Journey.objects.exists()


def test_the_usual_time_is_the_metrics_own(acme, hook):
    with tenant_scope(acme):
        given = {need: GIVEN[need] for need in ("after", "event")}
        store("time_to_value.setup_time", 4.2, day=day(0))
        made = apply_preset("setup_not_done", channel=hook, events=given)
        body = rule(made.body.rule).body
        assert (body.trigger.within_days, body.note) == (
            5,
            "time_to_value.setup_time was 4.2 days on 2026-03-01.",
        )


def test_a_link_is_an_address_and_no_template(acme, hook):
    with tenant_scope(acme):
        for link in (
            "javascript:alert(1)",
            "https://x/{{ account.name }}",
            "https://x/\n",
            "https://" + "x" * 600,
        ):
            with pytest.raises(UnknownPresetError, match="Remedy"):
                apply_preset("signup_sequence", channel=hook, events={"event": "exported", "link": link})
