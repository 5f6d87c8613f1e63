"""What the people of a simulated company set up before its history is computed, and what they pursue once it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import transaction

from engage_server.automation.evaluation import evaluate, rollups_for
from engage_server.automation.invitations import SurveyLink, answer, invite
from engage_server.automation.rules import rules
from engage_server.automation.surveys import SurveyKind, surveys
from engage_server.customers.models import Person
from engage_server.demo.resume import DAILY, MissingHistory
from engage_server.demo.simulator.companies import Company
from engage_server.metrics.annotations import AnnotationKind, annotations
from engage_server.metrics.goals import goals
from engage_server.operations.annotations import create_annotation
from engage_server.operations.bundles import apply_bundle
from engage_server.operations.channels import create_channel
from engage_server.operations.conventions import set_tracked_traits
from engage_server.operations.goals import create_goal
from engage_server.operations.playbooks import create_playbook
from engage_server.operations.plugins import configure_plugin, enable_plugin
from engage_server.operations.presets import apply_preset
from engage_server.operations.rules import create_rule
from engage_server.operations.segments import create_segment
from engage_server.operations.surveys import create_survey
from engage_server.operations.tenants import set_mail_domains
from engage_server.plugin_host.activation import active_ids
from engage_server.segments import catalogue
from engage_server.tenancy.mail_domains import mail_domains_of
from engage_server.tenancy.scope import TenantRef, tenant_scope

GOAL_DAYS: Final = 90
"""Days from the last day of the history in which a goal is to be reached."""

POOR_HEALTH: Final = (
    "Health below 55",
    {
        "kind": "RISK",
        "trigger": {"type": "value", "metric": "health_score.score", "subject": "account", "below": 55},
    },
)
CALL_THEM: Final = "Call whose health is poor"
STEPS: Final[Sequence[Mapping[str, Any]]] = (
    {
        "type": "message",
        "subject": "{{ account.name }} needs a call",
        "text": "Its health fell below 55. Whoever looks after it finds a task in the dashboard.",
    },
    {
        "type": "task",
        "title": "Call {{ account.name }}",
        "text": "Ask what keeps them from using what they pay for.",
        "due_days": 2,
    },
    {"type": "wait", "days": 14},
    {"type": "task", "title": "See whether the call helped {{ account.name }}", "due_days": 2},
)
"""Of the playbook; its message goes to the team."""
HOLD_OUT: Final = 0.1
TEAM: Final = "Customer success"
MAIL_DOMAIN: Final = "{slug}.example"
"""Reserved for examples (RFC 2606), and of the demo's server no mail goes out anyway: see ``mails``."""
ASKED: Final[Mapping[str, Mapping[str, Any]]] = {
    "How likely would you recommend us?": {"kind": "NPS", "cool_down_days": 90},
    "What is missing?": {
        "kind": "TEXT",
        "question": "What one thing would make your work easier?",
        "question_ko": "무엇이 있으면 일이 더 쉬워질까요?",
        "cool_down_days": 30,
    },
}
PUT_TO: Final = 36
WISHES: Final = (
    "A view of everything that is due this week.",
    "Fewer mails, one summary a day.",
    "Search that finds what I wrote last year.",
    "To see who changed what.",
    "Nothing: it does what we need.",
)


@dataclass(frozen=True, slots=True)
class Setup:
    """What one company wants: bundles, further plugins with what is set of them, conditions and targets by name."""

    bundles: tuple[str, ...]
    plugins: Mapping[str, Mapping[str, Any]]
    segments: Mapping[str, Mapping[str, Any]]
    goals: Mapping[str, Mapping[str, Any]]


LOYAL: Final = {"type": "answered", "instrument": "nps", "at_least": 9, "days": 90}
SETUPS: Final[Mapping[str, Setup]] = {
    "acme": Setup(
        bundles=("daily", "starter5", "money"),
        plugins={
            "funnel": {"steps": ["Card Created", "Comment Added", "File Shared"]},
            "nps": {"measure_coverage": True},
            "engagement": {},
            "early_warning": {},
            "pes": {},
        },
        segments={
            "Enterprise customers": {
                "subject": "account",
                "tracked": True,
                "description": "Who pays most: watched by name.",
                "condition": {
                    "type": "all",
                    "of": [
                        {"type": "plan", "any_of": ["Enterprise"]},
                        {"type": "stage", "any_of": ["CUSTOMER"]},
                    ],
                },
            },
            "Accounts with a promoter": {
                "subject": "account",
                "description": "Ask them for a reference.",
                "condition": {"type": "has_persons", "at_least": 1, "persons": LOYAL},
            },
        },
        goals={
            "NPS of 30": {"metric": "nps.score", "target": 30},
            "Two of three seats in use": {"metric": "license_utilization.utilization", "target": 66},
            "Kestrel back to green": {
                "metric": "health_score.score",
                "target": 75,  # where green begins
                "account": "kestrel-robotics",
            },
        },
    ),
    "globex": Setup(
        bundles=("monthly", "money"),
        plugins={
            "funnel": {"steps": ["Invoice Sent", "Payment Matched", "Reminder Sent"], "window_days": 60}
        },
        segments={
            "Corporate customers": {
                "subject": "account",
                "tracked": True,
                "condition": {"type": "plan", "any_of": ["Corporate"]},
            },
        },
        goals={"NPS above zero": {"metric": "nps.score", "target": 0}},
    ),
}


def set_up(tenant: TenantRef, company: Company, missing: MissingHistory) -> None:
    """Set up what the company wants and does not have yet; what somebody changed since stays."""
    wanted = SETUPS[company.slug]
    with tenant_scope(tenant):
        enabled, is_first = active_ids(), not goals()
    if not is_first:
        return
    set_tracked_traits(tenant.slug, ["industry"])
    for bundle in wanted.bundles:
        apply_bundle(tenant, bundle, agree=True)
    for plugin, settings in wanted.plugins.items():
        if plugin not in enabled:
            enable_plugin(tenant, plugin, agree=True)
        if settings:
            configure_plugin(tenant, plugin, settings)
    with tenant_scope(tenant):
        _define(wanted, company, missing)


def _define(wanted: Setup, company: Company, missing: MissingHistory) -> None:
    known = {segment.name for segment in catalogue.segments()}
    for name, body in wanted.segments.items():
        if name not in known:
            create_segment(name, body)
    if not annotations():
        for feature in company.features:
            if feature.released_on:
                create_annotation(
                    {
                        "day": missing.first_day + timedelta(days=feature.released_on),
                        "text": f"{feature.event}: released to everybody",
                        "kind": AnnotationKind.RELEASE,
                        "feature": feature.event,
                    }
                )


def pursue(tenant: TenantRef, company: Company, missing: MissingHistory) -> None:
    """Set goals and watch for risks, once the history is computed: a goal's baseline is the value of its first day.

    What somebody changed since stays.
    """
    domain = MAIL_DOMAIN.format(slug=company.slug)
    if domain not in mail_domains_of(tenant.id):
        set_mail_domains(tenant.slug, [domain])
    with tenant_scope(tenant), transaction.atomic():
        if not goals():
            _set_goals(SETUPS[company.slug].goals, missing)
        if not rules():
            _watch(missing, domain)
        if not surveys():
            _ask(tenant)


def _ask(tenant: TenantRef) -> None:
    """Two surveys; the one in words was put to some persons by links, and each third of them has answered."""
    for name, body in ASKED.items():
        create_survey(name, body)
    words = next(one for one in surveys() if one.body.kind is SurveyKind.TEXT)
    persons = Person.objects.filter(merged_into=None, is_suppressed=False, consents=True).order_by("pk")
    made = invite(words, persons.values_list("pk", flat=True)[:PUT_TO])
    for at, one in enumerate(made[::3]):
        answer(SurveyLink(tenant, tenant.slug, one.pk, one.person), score=None, text=WISHES[at % len(WISHES)])


def _set_goals(wanted: Mapping[str, Mapping[str, Any]], missing: MissingHistory) -> None:
    due = missing.last_day + timedelta(days=GOAL_DAYS)
    for name, body in wanted.items():
        create_goal(name, {**body, "due": due})


def _watch(missing: MissingHistory, domain: str) -> None:
    """A rule about poor health, judged for the days that are computed one by one; and two playbooks.

    One tells the team of such accounts and gives their owners something to do, the other is off.
    """
    team = {"kind": "MAIL", "to": [f"success@{domain}"], "sender": TEAM}
    channel = create_channel(TEAM, team).channel
    made = create_rule(*POOR_HEALTH)
    to_team = {"channel": channel.number}
    steps = [{**step, **to_team} if step["type"] == "message" else step for step in STEPS]
    create_playbook(CALL_THEM, {"rule": made.number, "steps": steps, "hold_out": HOLD_OUT, "enabled": True})
    with rollups_for([made]):
        for back in range(DAILY - 1, -1, -1):
            evaluate(missing.last_day - timedelta(days=back), only=[made])
    apply_preset("renewal_ahead", channel=channel.number, events={})
