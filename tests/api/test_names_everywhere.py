"""Names are planted in every form and every place; a key that lacks ``personal:read`` asks for everything and finds none."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.access.principal import EVERYTHING, Permission
from engage_server.activity.models import EventName, Feature
from engage_server.api.composition import schema_for
from engage_server.api.free_texts import OURS, QUOTING
from engage_server.api.ids import global_id
from engage_server.audit.log import record
from engage_server.customers.models import (
    Account,
    Membership,
    Person,
    PersonAlias,
    Subscription,
    SurveyResponse,
)
from engage_server.operations import merges
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.plugin_host.models import PluginSetting
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import tenant_scope
from tests.access.people import Browser, member
from tests.api.conftest import Caller
from tests.api.schema_walk import SAMPLES, Operation, is_object, leaves, roots
from tests.metrics.values import store

# Who bears the name as an id, and the forms in which it stands elsewhere.
FORMS = {
    "grace.hopper@example.test": ("grace.hopper@example.test", "GRACE.HOPPER@EXAMPLE.TEST", "grace.hopper%40example.test"),
    "auth0|5f7c8ec7c33c6c00": ("auth0|5f7c8ec7c33c6c00", "AUTH0|5F7C8EC7C33C6C00", "auth0%7C5f7c8ec7c33c6c00"),
    "google-oauth2|1035479915971": ("google-oauth2|1035479915971", "google-oauth2%7c1035479915971"),
    "+49 170 1234567": ("+49 170 1234567", "+49%20170%201234567", "(0170) 123-4567", "%2B491701234567"),
    "ada-lovelace-4711": ("ada-lovelace-4711", "ADA-LOVELACE-4711", "/u/ada-lovelace-4711/edit", "ada%2Dlovelace%2D4711"),
}  # fmt: skip
STRANGER = "katherine.johnson@example.test"  # known by no id, since what names her was refused
TRACES = ("hopper", "5f7c8ec7c33c", "1035479915971", "1234567", "123-4567", "lovelace", "johnson")
SEEN = [form for forms in FORMS.values() for form in forms]
SENTENCE = "done by {} and others"


@pytest.fixture
def planted(at_acme) -> dict[str, str]:
    """Acme with each name in each place; samples for the arguments that name a place."""
    tenant = at_acme.tenant
    with tenant_scope(tenant):
        for number, (id, forms) in enumerate(FORMS.items()):
            person = Person.objects.create(external_id=id, traits={"name": id, "email": forms[-1]})
            PersonAlias.objects.create(alias=id, person=person, is_firm=True)
            device = Person.objects.create(traits={})
            PersonAlias.objects.create(alias=f"device of {id}"[:60], person=device, is_firm=False)
            merges.merge(f"device of {id}"[:60], id)
            SurveyResponse.objects.create(
                external_id=id, instrument=forms[0], person=person, scale_min=0, scale_max=10, score=3,
                text=SENTENCE.format(forms[-1]), occurred_at="2026-03-01T00:00:00Z",
            )  # fmt: skip
            for form in forms:
                _plant(number, form)
        parent = Account.objects.create(external_id="the-one-above", name="The One Above")
        traits = {"owner": list(SEEN), "parent": "the-one-above", "group": ["the-one-above"], "seats": 3}
        mine = Account.objects.create(
            external_id="mine", name=SENTENCE.format(SEEN[0]), plan=SEEN[4], parent=parent, traits=traits
        )
        Membership.objects.create(person=person, account=mine, starts_at="2026-01-01T00:00:00Z")
        Subscription.objects.create(
            external_id=SEEN[0], account=mine, plan=SEEN[3], seats=3, amount=1, starts_on="2026-01-01"
        )
        parts = [
            {"key": form, "label": form, "value": 1, "points": 1, "note": SENTENCE.format(form)}
            for form in SEEN
        ]
        details = {
            "who": list(SEEN),
            **{f"score:{form}": 1 for form in SEEN},
            "nested": {"by": {SEEN[0]: SEEN[1]}},
        }
        for kind, subject in (("tenant", 0), ("account", mine.pk)):
            store("mood.score", 4, kind=kind, subject=subject, contributions=parts, details=details)
        PluginSetting.objects.update(config={"days": " ".join(SEEN)})
    _refuse(create_key(tenant, ApiKey.Kind.INGEST, source="web"))
    id = global_id("Account", tenant_id=tenant.id, pk=mine.pk)
    return {**SAMPLES, "externalId": "mine", "accountId": id, "first": 100}


def _plant(number: int, form: str) -> None:
    feature = Feature.objects.create(name=f"Page of {form}")
    EventName.objects.create(name=f"Opened {form}", feature=feature, is_key=True)
    EventName.objects.create(name=form, feature=feature)
    store("mood.score", number, kind="feature", subject=feature.pk)
    Account.objects.create(external_id=f"{form} ({number})", name=form, traits={form: form})
    record("thing.done", subject=form, details={"said": SENTENCE.format(form), form: [form]})


def _refuse(key: str) -> None:
    """Each way in which a call is refused with a message that quotes it."""
    calls = [
        {"type": "track", "userId": name, "event": "E", "timestamp": f'at {name}\'s "noon"'}
        for name in (*SEEN, STRANGER)
    ]
    calls += [{"type": name, "userId": "u"} for name in (*SEEN, STRANGER)]
    calls += [{"type": "group", "userId": "u", "groupId": "g", "traits": {"plan": [STRANGER]}}]
    calls += [
        {"type": "group", "userId": "u", "groupId": STRANGER, "traits": {"parent": SEEN[0]}},
        {"type": "group", "userId": "u", "groupId": SEEN[0], "traits": {"parent": STRANGER}},
    ]
    for call in calls:
        Client().post(
            f"/v1/{'batch'}", {"batch": [call]}, content_type="application/json", headers={"authorization": f"Bearer {key}"}
        )  # fmt: skip
    event = {"event_type": "$groupidentify", "groups": {STRANGER: "x"}, "group_properties": {"name": "x"}}
    Client().post("/2/httpapi", {"api_key": key, "events": [event]}, content_type="application/json")


def answers(post: Callable[[dict], object], samples: dict) -> str:
    """All that can be asked without changing anything, and one mutation that shows what it changed."""
    answered = []
    for place in roots(schema_for(frozenset({"mood"}))._schema):
        if place.operation == "mutation" and place.path[0][0] != "updateEventName":
            continue
        type_ = place.last.type
        while hasattr(type_, "of_type"):
            type_ = type_.of_type
        for depth in (0, 1, 2):
            selection = (
                leaves(schema_for(frozenset({"mood"}))._schema, type_, depth=depth)
                if is_object(place.last)
                else ""
            )
            body = Operation(place, selection=selection).body({**samples, "name": SEEN[0]})
            answered.append(json.dumps(post(body)))
    return "\n".join(answered)


def found_in(answered: str) -> list[str]:
    lower = answered.lower()
    return [f"{trace}: {lower[max(0, lower.find(trace) - 200):][:300]}" for trace in TRACES if trace in lower]  # fmt: skip


def without_personal(caller: Caller) -> Caller:
    permissions = EVERYTHING - {Permission.PERSONAL_READ, Permission.PRIVACY_MANAGE}
    made = make_key(caller.tenant, KeyRequest(ApiKey.Kind.ADMIN, permissions=permissions))
    return Caller(caller.tenant, made.text, caller.host)


def test_who_may_see_names_sees_them_in_all_these_places(at_acme, planted):
    admin = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)
    answered = answers(lambda body: admin.post(body).json(), planted)
    assert len(found_in(answered)) == len(TRACES)
    for place in (
        "quarantine",
        "auditLog",
        "eventNames",
        "plugins",
        "accounts",
        "moodScoreByFeature",
        "metric",
        "merges",
    ):
        assert found_in(json.dumps([one for one in answered.splitlines() if f'"{place}"' in one])), place


def test_a_key_without_the_right_finds_no_name_in_any_field(at_acme, planted):
    caller = without_personal(at_acme)
    answered = answers(lambda body: caller.post(body).json(), planted)
    assert found_in(answered) == []
    assert answered.count("hidden person") > 50
    failed = [one for one in answered.splitlines() if "INTERNAL" in one and "moodFault" not in one]
    assert failed == []


def test_an_accounts_token_finds_no_name_and_nothing_of_the_account_above(at_acme, planted):
    admin = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)
    issue = "mutation ($id: ID!) { createAccountToken(input: {account: $id}) { text } }"
    token = admin.data(issue, id=planted["accountId"])["createAccountToken"]["text"]
    caller = Caller(at_acme.tenant, token, at_acme.host)
    answered = answers(lambda body: caller.post(body).json(), planted)
    assert found_in(answered) == []
    assert '"seats": 3' in answered
    assert "one-above" not in answered


def test_a_viewers_session_finds_no_name(at_acme, planted):
    member(at_acme.tenant, "vera@example.com")
    browser = Browser(at_acme.host)
    browser.sign_in("vera@example.com")
    headers = {"X-CSRFToken": browser.token("/people/")}
    answered = answers(
        lambda body: browser.client.post(
            "/graphql", json.dumps(body), content_type="application/json", headers=headers
        ).json(),
        planted,
    )
    assert found_in(answered) == []
    assert "hidden person" in answered


def test_what_is_said_to_be_the_servers_own_is_there():
    types = schema_for(frozenset(registry().plugins))._schema.type_map
    for declared in (OURS, QUOTING):
        for name, fields in declared.items():
            assert name in types
            assert fields == {"*"} or fields <= types[name].fields.keys(), name
