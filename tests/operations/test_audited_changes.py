"""One change, asked for by command in one tenant and by GraphQL in another, is the same change in both audit logs.

What one of the two cannot do stands in a table with the reason; both tables together are what the log records.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, Final

import pytest
from django.core.management import call_command

from engage_server.access.models import ApiKey
from engage_server.access.principal import EVERYTHING, Principal
from engage_server.api.execution import GraphQLRequest, answer
from engage_server.api.ids import global_id
from engage_server.audit import log
from engage_server.audit.actor import operator
from engage_server.customers.models import Account
from engage_server.ingest.items import AccountItem, EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations import (
    domains,
    keys,
    merges,
    plugins,
)
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.docs.test_recorded import recorded
from tests.operations.one_way_changes import ONE_WAY
from tests.operations.plain_changes import PLAIN
from tests.operations.preparations import (
    NOON,
    invite,
    make_annotation,
    make_changed_channel,
    make_channel,
    make_dead_delivery,
    make_feature,
    make_goal,
    make_override,
    make_playbook,
    make_rule,
    make_segment,
    make_survey,
    make_wave,
    merge_cy,
    raise_signal,
    refuse_an_item,
    suppress_bob,
    track_stages,
)

CALLER: Final = "operator:at the API"


@dataclass(frozen=True)
class Change:
    """A change by its action in the log, how a command and how GraphQL ask for it, and what has to be there before."""

    action: str
    command: str
    mutation: str
    before: Callable[[TenantRef], Any] = lambda tenant: None


CHANGES: Final = (
    Change(
        "domain.removed",
        "tenant domains $slug --remove spare.$slug.example",
        'removeDomain(input: {domain: "spare.$slug.example"}) { tenant { name } }',
        before=lambda tenant: domains.add_domain(tenant.slug, f"spare.{tenant.slug}.example"),
    ),
    Change(
        "plugin.enabled",
        "plugin enable nps --tenant $slug",
        'enablePlugin(input: {plugin: "nps"}) { plugin { id } }',
        before=lambda tenant: plugins.disable_plugin(tenant, "nps"),
    ),
    Change(
        "plugin.reset",
        "plugin reset nps --tenant $slug",
        'resetPlugin(input: {plugin: "nps"}) { released }',
    ),
    Change(
        "merge.undone",
        "identity undo cy --tenant $slug",
        'undoMerge(input: {id: "$merge"}) { moved { persons } }',
        before=merge_cy,
    ),
    Change(
        "segment.changed",
        "segment set Old --tracked yes --tenant $slug",
        'updateSegment(input: {id: "$segment", changes: {tracked: true}}) { segment { name } }',
        before=make_segment,
    ),
    Change(
        "segment.members_changed",
        "segment members Old --add acct --from 2026-06-01 --tenant $slug",
        'changeSegmentMembers(input: {id: "$segment", add: ["acct"], from: "2026-06-01"}) { joined }',
        before=make_segment,
    ),
    Change(
        "dimension.untracked",
        "segment untrack stage --tenant $slug",
        'untrackDimension(input: {dimension: "stage"}) { count }',
        before=track_stages,
    ),
    Change(
        "segment.retired",
        "segment retire Old --tenant $slug",
        'retireSegment(input: {id: "$segment"}) { segment { name } }',
        before=make_segment,
    ),
    Change(
        "goal.changed",
        "goal set Old --target 50 --tenant $slug",
        'updateGoal(input: {id: "$goal", changes: {target: 50}}) { goal { name } }',
        before=make_goal,
    ),
    Change(
        "goal.retired",
        "goal retire Old --tenant $slug",
        'retireGoal(input: {id: "$goal"}) { goal { name } }',
        before=make_goal,
    ),
    Change(
        "annotation.changed",
        "annotation set 1 --day 2026-06-03 --tenant $slug",
        'updateAnnotation(input: {id: "$annotation", changes: {day: "2026-06-03"}}) { annotation { text } }',
        before=make_annotation,
    ),
    Change(
        "annotation.retired",
        "annotation retire 1 --tenant $slug",
        'retireAnnotation(input: {id: "$annotation"}) { annotation { text } }',
        before=make_annotation,
    ),
    Change(
        "playbook.created",
        'playbook create New --rule 1 --steps [{"type":"stop_if_over"}] --tenant $slug',
        'createPlaybook(input: {name: "New", rule: "$rule", steps: [{type: "stop_if_over"}]}) { playbook { name } }',
        before=make_rule,
    ),
    Change(
        "playbook.changed",
        "playbook set Old --enabled yes --tenant $slug",
        'updatePlaybook(input: {id: "$playbook", changes: {enabled: true}}) { playbook { name } }',
        before=make_playbook,
    ),
    Change(
        "playbook.retired",
        "playbook retire Old --tenant $slug",
        'retirePlaybook(input: {id: "$playbook"}) { playbook { name } }',
        before=make_playbook,
    ),
    Change(
        "survey.created",
        "survey create New --kind nps --tenant $slug",
        'createSurvey(input: {name: "New", kind: NPS}) { dryRun }',
    ),
    Change(
        "survey.changed",
        "survey set Old --cool-down-days 7 --tenant $slug",
        'updateSurvey(input: {id: "$survey", changes: {coolDownDays: 7}}) { dryRun }',
        before=make_survey,
    ),
    Change(
        "survey.retired",
        "survey retire Old --tenant $slug",
        'retireSurvey(input: {id: "$survey"}) { dryRun }',
        before=make_survey,
    ),
    Change(
        "survey.invited",
        "survey invite Old --person bob --tenant $slug",
        'inviteToSurvey(input: {id: "$survey", person: "bob"}) { url }',
        before=make_survey,
    ),
    Change(
        "survey.wave_started",
        "survey wave Old --release 2 --segment 3 --channel 4 --at-most 9 --tenant $slug",
        'startSurveyWave(input: {id: "$survey", release: "$release", segment: "$few", channel: "$customers", atMost: 9}) '
        "{ asked }",
        before=make_wave,
    ),
    Change(
        "channel.secret_rotated",
        "channel rotate Hook --tenant $slug",
        'rotateChannelSecret(input: {id: "$channel"}) { channel { name } }',
        before=make_channel,
    ),
    Change(
        "channel.former_secret_ended",
        "channel end-former Hook --tenant $slug",
        'endFormerSecret(input: {id: "$channel"}) { channel { name } }',
        before=make_changed_channel,
    ),
    Change(
        "channel.tried",
        "channel try Hook --tenant $slug",
        'tryChannel(input: {id: "$channel"}) { delivery { state } }',
        before=make_channel,
    ),
    Change(
        "channel.retired",
        "channel retire Hook --tenant $slug",
        'retireChannel(input: {id: "$channel"}) { channel { name } }',
        before=make_channel,
    ),
    Change(
        "delivery.resent",
        "delivery resend 1 --tenant $slug",
        'resendDelivery(input: {id: "$delivery"}) { delivery { state } }',
        before=make_dead_delivery,
    ),
    Change(
        "rule.changed",
        "rule set Old --cool-down-days 30 --tenant $slug",
        'updateRule(input: {id: "$rule", changes: {coolDownDays: 30}}) { rule { name } }',
        before=make_rule,
    ),
    Change(
        "rule.retired",
        "rule retire Old --tenant $slug",
        'retireRule(input: {id: "$rule"}) { rule { name } }',
        before=make_rule,
    ),
    Change(
        "signal.acknowledged",
        "signal acknowledge 1 --reason called --tenant $slug",
        'acknowledgeSignal(input: {id: "$signal", reason: "called"}) { signal { reason } }',
        before=raise_signal,
    ),
    Change(
        "override.ended",
        "override end 1 --on 2026-06-02 --tenant $slug",
        'endOverride(input: {id: "$override", on: "2026-06-02"}) { override { id } }',
        before=make_override,
    ),
    Change(
        "member.role_changed",
        "member role old@example.com analyst --tenant $slug",
        'changeRole(input: {email: "old@example.com", role: ANALYST}) { member { email } }',
        before=invite,
    ),
    Change(
        "member.removed",
        "member remove old@example.com --tenant $slug",
        'removeMember(input: {email: "old@example.com"}) { email }',
        before=invite,
    ),
    Change(
        "quarantine.replayed",
        "quarantine replay --tenant $slug",
        "replayQuarantine(input: {first: 9}) { kept }",
        before=refuse_an_item,
    ),
    Change(
        "quarantine.discarded",
        "quarantine discard --code invalid_json --tenant $slug",
        'discardQuarantine(input: {code: "invalid_json"}) { discarded }',
        before=refuse_an_item,
    ),
    Change(
        "feature.dated",
        "dictionary release Search 2026-06-01 --tenant $slug",
        'dateFeature(input: {feature: "Search", releasedOn: "2026-06-01"}) { releasedOn }',
        before=make_feature,
    ),
    Change(
        "person.admitted",
        "privacy admit bob --tenant $slug",
        'admitPerson(input: {person: "bob"}) { admitted }',
        before=suppress_bob,
    ),
    *(Change(*each) for each in PLAIN),
)  # fmt: skip
VARYING: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def tenants(acme, globex, settings) -> tuple[TenantRef, TenantRef]:
    """The same persons, events and account in both."""
    settings.ENGAGE_PRIVACY_KEYS = ["a key of the tests"]
    settings.ENGAGE_SEALING_KEYS = ["a key of the tests"]
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            names = ("ada", "bob", "cy")
            events = [EventItem(name, "saved", PersonKey(user_id=name), NOON, NOON) for name in names]
            store_items([*events, AccountItem("acct")], source="web")
    return acme, globex


def words(tenant: TenantRef, file: Path) -> dict[str, str]:
    """What stands for the tenant's own in a command or a mutation."""
    with tenant_scope(tenant):
        account = Account.objects.get(external_id="acct").pk
        cy = merges.person_known_as("cy")
    return {
        "slug": tenant.slug,
        "key": keys.create_key(tenant, ApiKey.Kind.QUERY).split("_")[3],
        "account": global_id("Account", tenant_id=tenant.id, pk=account),
        "merge": global_id("Merge", tenant_id=tenant.id, pk=cy),
        "segment": global_id("Segment", tenant_id=tenant.id, pk=1),
        "override": global_id("Override", tenant_id=tenant.id, pk=1),
        "goal": global_id("Goal", tenant_id=tenant.id, pk=1),
        "annotation": global_id("Annotation", tenant_id=tenant.id, pk=1),
        "channel": global_id("Channel", tenant_id=tenant.id, pk=1),
        "survey": global_id("Survey", tenant_id=tenant.id, pk=1),
        "release": global_id("Annotation", tenant_id=tenant.id, pk=2),
        "few": global_id("Segment", tenant_id=tenant.id, pk=3),
        "customers": global_id("Channel", tenant_id=tenant.id, pk=4),
        "playbook": global_id("Playbook", tenant_id=tenant.id, pk=2),
        "delivery": global_id("Delivery", tenant_id=tenant.id, pk=1),
        "rule": global_id("Rule", tenant_id=tenant.id, pk=1),
        "signal": global_id("Signal", tenant_id=tenant.id, pk=1),
        "file": str(file),
    }


def entries(tenant: TenantRef) -> list[Any]:
    with tenant_scope(tenant):
        return log.newest(50)


def in_common(entry: Any, own: dict[str, str]) -> Any:
    """Subject and details without what is the tenant's own or of the moment."""
    details = {**entry.details, **({"replaced_by": ""} if "replaced_by" in entry.details else {})}
    text = json.dumps([entry.subject, details], sort_keys=True)
    for name in ("slug", "key"):
        text = text.replace(own[name], name)
    text = re.sub(r"key:\w+", "key", text)
    return json.loads(VARYING.sub("varies", text))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.action)
def test_a_change_is_the_same_by_command_and_by_graphql(tenants, tmp_path, change, capsys):
    acme, globex = tenants
    for tenant in tenants:
        change.before(tenant)
    at_acme, at_globex = (words(tenant, tmp_path / "export.json") for tenant in tenants)
    untouched = len(entries(globex))
    call_command(*Template(change.command).substitute(at_acme).split())
    assert len(entries(globex)) == untouched
    ours = entries(acme)
    query = f"mutation {{ {Template(change.mutation).substitute(at_globex)} }}"
    done = answer(GraphQLRequest(query), Principal(globex, CALLER, EVERYTHING))
    assert "errors" not in done.payload, done.payload
    assert len(entries(acme)) == len(ours)
    by_command, by_graphql = ours[0], entries(globex)[0]
    assert (by_command.actor, by_graphql.actor) == (operator(), CALLER)
    assert by_command.action == by_graphql.action == change.action
    assert in_common(by_command, at_acme) == in_common(by_graphql, at_globex)


def test_every_recorded_action_can_be_asked_for_both_ways_or_says_why_not():
    both = [change.action for change in CHANGES]
    assert len(both) == len(set(both))
    assert set(both).isdisjoint(ONE_WAY)
    assert {*both, *ONE_WAY} == recorded()
