"""What the tenant's people wrote about a person does not outlive its erasure: reasons, notes, names, feedback."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from graphql import parse, print_ast

from engage_server.customers.models import SurveyResponse
from engage_server.definitions.models import Definition
from engage_server.engine import executor
from engage_server.ingest.items import AccountItem, PersonItem, PersonKey, ResponseItem
from engage_server.metrics.annotations import annotations
from engage_server.metrics.goals import goals
from engage_server.metrics.models import MetricValue
from engage_server.operations.annotations import change_annotation, create_annotation
from engage_server.operations.goals import create_goal, retire_goal
from engage_server.operations.overrides import end_override, set_override
from engage_server.operations.segments import create_segment
from engage_server.privacy import erasure, requests
from engage_server.segments import catalogue
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.privacy.scenario import FIRST, TOKEN, dump_of, noon, restate, store

USER, MAIL = f"user-{TOKEN}", f"{TOKEN}@x.test"
SCORE = "health_score.score"
LATER = FIRST + timedelta(days=30)


def erase(tenant: TenantRef) -> requests.Receipt:
    with tenant_scope(tenant):
        asked = requests.request_erasure(USER)
        erasure.erase(asked.id)
        return requests.receipt(asked.id)


@pytest.fixture
def both(acme: TenantRef, globex: TenantRef) -> TenantRef:
    """Both tenants know the person and an account; acme's is returned."""
    for tenant in (acme, globex):
        person = PersonItem(PersonKey(user_id=USER), {"email": MAIL}, occurred_at=noon(FIRST))
        store(tenant, AccountItem("bank", stage="CUSTOMER"), person)
    return acme


def details_of(tenant: TenantRef) -> list[dict]:
    with tenant_scope(tenant):
        rows = MetricValue.objects.filter(metric=SCORE, subject_kind="account", day=FIRST, superseded_at=None)
        return list(rows.values_list("details", flat=True))


def test_a_rerun_does_not_write_the_reason_of_an_override_back(both, globex):
    for tenant in (both, globex):
        executor.backfill(
            tenant, plugins=["health_score"], first=FIRST, last=FIRST + timedelta(days=2),
            progress=lambda plugin, day, count: None,
        )  # fmt: skip
        with tenant_scope(tenant):
            made = set_override(
                SCORE, "bank", 20, reason=f"{MAIL} left", starts_on=FIRST, ends_on=FIRST + timedelta(days=3)
            )
            end_override(made.number, FIRST + timedelta(days=2))
        restate(tenant)
    assert TOKEN in json.dumps(details_of(both))
    untouched = dump_of(globex)
    done = erase(both)
    restate(both)
    (kept,) = details_of(both)
    assert (kept["override"]["reason"], TOKEN in dump_of(both)) == ("erased on request", False)
    assert done.counts["definitions_definition, redacted"] == 2  # the former version too
    assert dump_of(globex) == untouched


def test_notes_names_and_texts_are_redacted_in_every_version(both, globex):
    for tenant in (both, globex):
        with tenant_scope(tenant):
            goal = {"metric": "nps.score", "target": 40, "start": FIRST, "due": LATER}
            create_goal(f"Win {MAIL} back", goal)
            create_goal("Calm", {**goal, "note": f"ask {USER}"})
            retire_goal(create_goal("Gone", {**goal, "note": USER}).number)
            create_segment("Some", {"subject": "account", "description": f"led by {USER}"})
            for text in (f"{USER} left", f"{USER} came", "Version 4"):
                create_annotation({"day": FIRST, "text": text})
    untouched = dump_of(globex)
    done = erase(both)
    assert TOKEN not in dump_of(both)
    assert dump_of(globex) == untouched
    assert done.counts["definitions_definition, redacted"] == 7  # a goal in two versions
    with tenant_scope(both):
        first, calm = goals()
        assert (first.name, calm.name, calm.body.note) == (
            f"erased on request ({first.number})",
            "Calm",
            "erased on request",
        )
        assert [one.body.text for one in annotations()] == [
            "erased on request",
            "erased on request",
            "Version 4",
        ]
        assert [(one.name, one.body.description) for one in catalogue.segments()] == [
            ("Some", "erased on request")
        ]
        assert change_annotation(annotations()[0].number, {"kind": "RELEASE"}).body.kind == "RELEASE"


def test_a_condition_that_names_the_person_is_left_to_the_tenant(both):
    condition = {"person": {"trait": "email", "is": [MAIL]}}
    with tenant_scope(both):
        number = Definition.objects.create(
            number=1, kind="segment", name="Some", body={"subject": "person", "condition": condition}
        ).number
    erase(both)
    with tenant_scope(both):
        assert Definition.objects.get(number=number).body["condition"] == condition


def test_texts_of_playbooks_and_documents_are_redacted_where_they_name_the_person(both, globex):
    document = f'''# For {USER}
        query ($id: ID) {{
            account(externalId: "{MAIL}") {{ name metric(id: "nps.score") {{ value }} }} # all
            accounts(where: {{ search: """{USER}""", externalIds: [$id, "bank"] }}) {{ totalCount }}
        }}'''
    steps = [
        {"type": "message", "channel": 1, "subject": f"Ask {USER}", "text": "Hello"},
        {"type": "wait", "days": 1, "hours": 0},
        {"type": "message", "channel": 1, "subject": "Now", "text": f"Write to {MAIL}"},
    ]
    for tenant in (both, globex):
        with tenant_scope(tenant):
            Definition.objects.create(
                number=1, kind="playbook", name="Save", body={"rule": 1, "steps": steps}
            )
            Definition.objects.create(number=2, kind="document", name="d", body={"text": document})
            Definition.objects.create(
                number=3, kind="document", name="e", body={"text": "{ tenant { name } }"}
            )
    untouched = dump_of(globex)
    done = erase(both)
    assert TOKEN not in dump_of(both)
    assert dump_of(globex) == untouched
    assert done.counts["definitions_definition, redacted"] == 2
    with tenant_scope(both):
        kept = {one.number: one.body for one in Definition.objects.all()}
    erased = "erased on request"
    assert [(one.get("subject"), one.get("text")) for one in kept[1]["steps"]] == [
        (erased, "Hello"),
        (None, None),
        ("Now", erased),
    ]
    # What the document asks for stays, and it is a document still.
    assert print_ast(parse(kept[2]["text"])) == print_ast(
        parse(document.replace(f'"""{USER}"""', f'"{erased}"').replace(MAIL, erased))
    )
    assert kept[3]["text"] == "{ tenant { name } }"


def said(external_id: str, text: str, **changes) -> ResponseItem:
    return ResponseItem(external_id, "feedback", None, None, noon(FIRST), text=text, **changes)


def test_feedback_of_nobody_and_of_staff_that_names_the_person_is_redacted(both, globex, monkeypatch):
    staff = SurveyResponse.GivenBy.STAFF
    bob = PersonKey(user_id="bob")
    for tenant in (both, globex):
        store(
            tenant,
            said("named", f"{MAIL} is angry", account="bank", given_by=staff, tags=("angry",)),
            said("tagged", "Call back", account="bank", given_by=staff, tags=(USER,)),
            said("of bob", f"bob quarrels with {USER}", person=bob, given_by=staff),
            said("other", "All is well", account="bank", given_by=staff, tags=("calm",)),
            ResponseItem("nobody", "nps", Decimal(0), Decimal(10), noon(LATER), score=Decimal(3), text=f"Ask {USER}"),
            ResponseItem("silent", "nps", Decimal(0), Decimal(10), noon(LATER), score=Decimal(9)),
        )  # fmt: skip
    untouched = dump_of(globex)
    monkeypatch.setattr(erasure, "RESPONSES_AT_ONCE", 2)
    done = erase(both)
    with tenant_scope(both):
        kept = {
            one.external_id: (one.text, one.tags, one.score) for one in SurveyResponse.objects.order_by("pk")
        }
    erased = ("erased on request", [])
    assert kept == {
        "named": (*erased, None),
        "tagged": (*erased, None),
        "of bob": (*erased, None),
        "other": ("All is well", ["calm"], None),
        "nobody": (*erased, Decimal(3)),
        "silent": ("", [], Decimal(9)),
    }
    assert (done.counts["customers_surveyresponse, redacted"], done.days_restated) == (4, 2)
    assert TOKEN not in dump_of(both)
    assert dump_of(globex) == untouched


def test_what_customers_said_themselves_about_others_stays_theirs(both):
    store(both, said("hers", f"{USER} was kind", person=PersonKey(user_id="bob")))
    assert erase(both).counts["customers_surveyresponse, redacted"] == 0
