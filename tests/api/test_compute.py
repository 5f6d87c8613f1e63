"""Values computed when they are asked for, over GraphQL."""

from datetime import date
from decimal import Decimal

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.engine import executor
from engage_server.engine.computations import work_on
from engage_server.engine.models import Computation
from engage_server.ingest.items import AccountItem, PersonKey, ResponseItem
from engage_server.ingest.store import store_items
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.operations.segments import change_segment, create_segment
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.api.conftest import Caller
from tests.api.test_query_budget import allow
from tests.engine.test_questions import DAY, FIRMS, NOON, items_of
from tests.metrics.values import store

ASK = """
    query ($of: ComputeInput!) {
        metric(id: "nps.score") { compute(of: $of) { group value { day value n status subjectKind label revision } } }
    }
"""


@pytest.fixture
def callers(acme: TenantRef, globex: TenantRef) -> tuple[Caller, Caller]:
    """Readers of two tenants with data, with the real plugins."""
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            store_items(items_of(FIRMS), source="web")
    return (
        Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost"),
        Caller(globex, create_key(globex, ApiKey.Kind.QUERY), "globex.localhost"),
    )


def computed(caller: Caller, **of: object) -> list[dict]:
    return caller.data(ASK, of=of)["metric"]["compute"]


def segment(caller: Caller, name: str = "Pro") -> str:
    with tenant_scope(caller.tenant):
        create_segment(name, {"subject": "account", "condition": {"type": "plan", "any_of": ["pro"]}})
    return caller.nodes("{ segments(first: 1) { edges { node { id } } } }")[0]["id"]


def test_what_is_computed_now_is_not_judged_by_the_stored_series_of_another_subject(callers):
    acme, globex = callers
    for caller in callers:
        with tenant_scope(caller.tenant):
            store("nps.score", 50, day=DAY)
    judged = "value { anomaly { state } trend { state } }"
    compute = (
        f'{{ compute(of: {{on: "{DAY}", groupBy: "plan"}}) {{ {judged} }} '
        f'compareGroups(by: "plan", on: "{DAY}") {{ {judged} }} }}'
    )
    found = acme.data(f'{{ metric(id: "nps.score") {compute} }}')["metric"]
    values = [one["value"] for ones in found.values() for one in ones]
    assert len(values) == 4
    assert all(one == {"anomaly": None, "trend": None} for one in values)
    kept = globex.data(
        f'{{ metric(id: "nps.score") {{ at(on: "{DAY}") {{ anomaly {{ state }} trend {{ state }} }} }} }}'
    )
    assert kept["metric"]["at"]["anomaly"]["state"] == "SHORT_HISTORY"


def test_a_value_of_a_day_a_group_and_a_segment(callers):
    acme, _ = callers
    (whole,) = computed(acme, on=str(DAY))
    assert (whole["group"], whole["value"]["subjectKind"], whole["value"]["n"]) == (None, "TENANT", 12)
    groups = {one["group"]: one["value"]["n"] for one in computed(acme, on=str(DAY), groupBy="plan")}
    assert groups == {"pro": 6, "basic": 3}
    (part,) = computed(acme, on=str(DAY), segment=segment(acme))
    assert (part["value"]["subjectKind"], part["value"]["label"], part["value"]["n"]) == ("SEGMENT", "Pro", 6)
    assert part["value"]["revision"] == 0


def test_a_range_has_a_value_for_each_day(callers):
    acme, _ = callers
    days = [one["value"]["day"] for one in computed(acme, **{"from": "2026-03-18", "to": "2026-03-20"})]
    assert days == ["2026-03-18", "2026-03-19", "2026-03-20"]


@pytest.mark.parametrize(
    ("of", "code"),
    [
        ({"on": "2026-03-20", "from": "2026-03-19", "to": "2026-03-20"}, "BAD_USER_INPUT"),
        ({"from": "2026-03-19"}, "BAD_USER_INPUT"),
        ({"from": "2026-01-01", "to": "2026-03-20"}, "LIMIT_EXCEEDED"),
        ({"from": "2026-03-20", "to": "2026-03-19"}, "LIMIT_EXCEEDED"),
        ({"on": "2026-03-20", "groupBy": "colour"}, "UNKNOWN_DIMENSION"),
        ({"on": "2026-03-20", "config": {"instrument": 3}}, "INVALID_CONFIGURATION"),
        ({"on": "2026-03-20", "config": "nps"}, "BAD_USER_INPUT"),
        ({"on": "2026-03-20", "segment": "U2VnbWVudDo5Ojk"}, "UNKNOWN_SEGMENT"),
    ],
)
def test_mistakes_have_codes(callers, of, code):
    assert callers[0].code(ASK, of=of) == code


def test_another_tenants_segment_is_unknown(callers):
    acme, globex = callers
    foreign = segment(acme)
    segment(globex)
    assert globex.code(ASK, of={"on": str(DAY), "segment": foreign}) == "UNKNOWN_SEGMENT"


def test_who_sees_no_persons_sees_no_values_of_few_and_no_groups_by_what_they_are(callers):
    acme, _ = callers
    reader = KeyRequest(ApiKey.Kind.QUERY, permissions=frozenset({Permission.METRICS_READ}))
    viewer = Caller(acme.tenant, make_key(acme.tenant, reader).text, acme.host)
    assert viewer.code(ASK, of={"on": str(DAY), "groupBy": "person.role"}) == "FORBIDDEN"
    day = str(date(2026, 3, 18))
    few = {one["group"]: one["value"] for one in computed(viewer, on=day, groupBy="size")}
    assert {one["status"] for one in few.values()} == {"SUPPRESSED"}
    assert {one["n"] for one in few.values()} == {0}
    assert {one["value"]["n"] for one in computed(acme, on=day, groupBy="size")} == {1}


START = """
    mutation ($of: ComputeInput!) { startComputation(input: {metric: "nps.score", of: $of}) { computation { id
        state done total from to } } }
"""
FOUND = """
    query ($id: ID!, $after: String) {
        computation(id: $id) {
            state done code
            values(first: 3, after: $after) { pageInfo { endCursor hasNextPage } edges { node { group value { n } } } }
        }
    }
"""


def test_a_longer_question_is_worked_on_and_its_answer_is_read_a_page_at_a_time(callers):
    acme, globex = callers
    of = {"from": "2026-03-18", "to": "2026-03-20", "groupBy": "plan"}
    started = acme.data(START, of=of)["startComputation"]["computation"]
    assert (started["state"], started["total"], started["to"]) == ("PENDING", 3, "2026-03-20")
    assert acme.data(FOUND, id=started["id"])["computation"]["values"]["edges"] == []
    with shared_scope():
        number = Computation.objects.get(tenant_id=acme.tenant.id).pk
    work_on(acme.tenant, number)
    first = acme.data(FOUND, id=started["id"])["computation"]
    assert (first["state"], first["done"], len(first["values"]["edges"])) == ("DONE", 3, 3)
    second = acme.data(FOUND, id=started["id"], after=first["values"]["pageInfo"]["endCursor"])["computation"]
    assert (len(second["values"]["edges"]), second["values"]["pageInfo"]["hasNextPage"]) == (3, False)
    assert globex.code(FOUND, id=started["id"]) == "NOT_FOUND"
    assert acme.code(FOUND, id="no id") == "NOT_FOUND"


def test_a_question_about_what_there_is_not_starts_nothing(callers):
    acme, _ = callers
    assert acme.code(START, of={"from": "2020-01-01", "to": "2026-03-20"}) == "LIMIT_EXCEEDED"
    assert acme.code(START, of={"on": "2026-03-20", "config": {"instrument": 3}}) == "INVALID_CONFIGURATION"
    with shared_scope():
        assert not Computation.objects.exists()


PLUGIN = """
    query ($segment: ID!, $on: Date!) {
        nps(segment: $segment, on: $on) { score { value n subjectKind label promoters } }
        again: nps(segment: $segment, on: $on) { score { n } }
    }
"""


def test_a_plugins_own_field_answers_for_a_segment_computed_now_or_stored(callers):
    acme, globex = callers
    id = segment(acme)
    asked = {"segment": id, "on": str(DAY)}
    now = acme.data(PLUGIN, **asked)["nps"]["score"]
    assert (now["n"], now["subjectKind"], now["label"]) == (6, "SEGMENT", "Pro")
    with tenant_scope(acme.tenant):
        change_segment(1, changes={"tracked": True})
    executor.backfill(acme.tenant, plugins=["nps"], first=DAY, last=DAY, progress=lambda *_: None)
    stored = acme.data(PLUGIN, **asked)["nps"]["score"]
    assert {**stored, "label": "Pro"} == now
    whole = acme.data('{ nps(on: "2026-03-20") { score { n } } }')["nps"]["score"]
    assert whole is None or whole["n"] == 12
    segment(globex)
    assert (
        globex.code(PLUGIN.replace("again: nps(segment: $segment, on: $on) { score { n } }", ""), **asked)
        == "UNKNOWN_SEGMENT"
    )


def test_what_is_computed_costs_points_beside_the_query(callers):
    acme, _ = callers
    id = segment(acme)
    allow(acme.tenant, 500)
    assert "errors" not in acme.ask(PLUGIN, segment=id, on=str(DAY))
    answer = acme.ask(PLUGIN, segment=id, on=str(DAY))
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"RATE_LIMITED"}


COMPARE = """query ($by: String!, $on: Date!) { metric(id: "nps.score") { compareGroups(by: $by, on: $on) {
    group state others difference low high pAdjusted value { value n } } } }"""


def test_groups_are_compared_with_all_others_together(callers):
    acme, globex = callers
    of_plan = acme.data(COMPARE, by="plan", on=str(DAY))["metric"]["compareGroups"]
    assert {one["group"]: one["value"]["n"] for one in of_plan} == {"pro": 6, "basic": 3}
    assert {one["state"] for one in of_plan} == {"UNTESTED"}  # six and three answers say too little
    with tenant_scope(globex.tenant):
        happy = [score for score in (10, 9, 10, 9) for _ in range(10)]
        store_items(
            [
                *[AccountItem(f"{plan}-firm", plan=plan, occurred_at=NOON) for plan in ("pro", "basic")],
                *[
                    ResponseItem(
                        f"{plan} {number}", "nps", Decimal(0), Decimal(10), NOON, score=Decimal(score),
                        account=f"{plan}-firm", person=PersonKey(user_id=f"{plan} {number}"),
                    )
                    for plan, scores in (("pro", happy), ("basic", [2] * 40))
                    for number, score in enumerate(scores)
                ],
            ],
            source="web",
        )  # fmt: skip
    states = {
        one["group"]: one["state"]
        for one in globex.data(COMPARE, by="plan", on=str(DAY))["metric"]["compareGroups"]
    }
    assert states == {"basic": "AT_RISK", "pro": "THRIVING"}
    assert {
        one["state"] for one in acme.data(COMPARE, by="plan", on=str(DAY))["metric"]["compareGroups"]
    } == {"UNTESTED"}
