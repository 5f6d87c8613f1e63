"""Whatever is wrong with a request, the answer is JSON with a code, a cause and a remedy, and never a stack trace."""

import json

import pytest
import strawberry
from django.db import connection
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.api import execution
from engage_server.api.composition import schema_for
from engage_server.operations.keys import create_key
from engage_server.plugin_host import activation
from engage_server.plugin_host import registry as plugin_registry
from engage_server.sdk import GraphQLContribution
from engage_server.sdk.graphql import stored
from engage_server.tenancy import services
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.api.probes import candidates, probe

QUERY = {"query": "{ tenant { slug } }"}
NEW = "application/graphql-response+json"


def code(response) -> str:
    (error,) = response.json()["errors"]
    assert "Traceback" not in response.content.decode()
    return error["extensions"]["code"]


BACKTEST = '{{ backtest(metric: "mood.score", from: "{}", to: "{}", horizonDays: 30) {{ verdict }} }}'
BAD_INPUT = {
    "syntax": ("{ tenant {", "GRAPHQL_PARSE_FAILED"),
    "nested too deeply": ("{" + "a{" * 400, "LIMIT_EXCEEDED"),
    "unknown field": ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
    "wrong type": ("{ accounts(first: true) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
    "page of none": ("{ accounts(first: 0) { totalCount } }", "BAD_USER_INPUT"),
    "page of 1,001": ("{ accounts(first: 1001) { totalCount } }", "BAD_USER_INPUT"),
    "bad cursor": ('{ accounts(first: 1, after: "zzz") { totalCount } }', "BAD_USER_INPUT"),
    "NUL in a text": ('{ account(externalId: "a\\u0000") { id } }', "BAD_USER_INPUT"),
    "NUL in a search": (
        '{ accounts(first: 1, where: { search: "\\u0000" }) { totalCount } }',
        "BAD_USER_INPUT",
    ),
    "unknown metric": ('{ metric(id: "mood.temper") { at { value } } }', "UNKNOWN_METRIC"),
    "unknown plugin": ('{ metric(id: "nope.score") { at { value } } }', "UNKNOWN_METRIC"),
    "no metric id at all": ('{ metric(id: "") { at { value } } }', "UNKNOWN_METRIC"),
    "disabled plugin": ('{ metric(id: "pulse.score") { at { value } } }', "PLUGIN_DISABLED"),
    "unknown account": ('{ metric(id: "mood.score") { at(account: "x") { value } } }', "BAD_USER_INPUT"),
    "days in the wrong order": (
        '{ metric(id: "mood.score") { series(from: "2026-02-01", to: "2026-01-01") { days } } }',
        "BAD_USER_INPUT",
    ),
    "no date": (
        '{ metric(id: "mood.score") { at(on: "yesterday") { value } } }',
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "two operations and no name": (
        "query A { tenant { slug } } query B { tenant { name } }",
        "BAD_USER_INPUT",
    ),
    "mutation": ("mutation { nope }", "GRAPHQL_VALIDATION_FAILED"),
    "subscription": ("subscription { nope }", "BAD_USER_INPUT"),
    "fragment alone": ("fragment A on Query { tenant { slug } }", "BAD_USER_INPUT"),
}


@pytest.mark.parametrize(("query", "expected"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_has_its_code(at_acme, query, expected):
    assert at_acme.code(query) == expected


def test_a_metric_that_is_unknown_or_disabled_is_answered_with_the_remedy(at_acme):
    (error,) = at_acme.ask('{ metric(id: "mood.temper") { at { value } } }')["errors"]
    assert "mood.score, mood.swing, mood.range" in error["message"]
    (error,) = at_acme.ask('{ metric(id: "pulse.score") { at { value } } }')["errors"]
    assert "manage.py plugin enable pulse --tenant acme" in error["message"]


def test_a_field_that_cannot_be_answered_costs_itself_and_nothing_else(at_acme):
    answer = at_acme.ask('{ tenant { slug } metric(id: "mood.temper") { at { value } } }')
    assert answer["data"] == {"tenant": {"slug": "acme"}, "metric": None}
    assert [error["path"] for error in answer["errors"]] == [["metric"]]


def test_a_change_that_is_refused_leaves_what_others_of_the_request_have_done(acme, installed):
    admin = Caller(acme, create_key(acme, ApiKey.Kind.ADMIN), "acme.localhost")
    answer = admin.ask(
        """mutation {
            first: createAnnotation(input: {day: "2026-06-30", text: "Autumn release"}) { annotation { text } }
            second: createAnnotation(input: {day: "2026-06-30", text: ""}) { annotation { text } }
        }"""
    )
    assert answer["data"] == {"first": {"annotation": {"text": "Autumn release"}}, "second": None}
    assert [error["path"] for error in answer["errors"]] == [["second"]]


def test_a_variable_of_the_wrong_type_is_the_users_input(at_acme):
    query = "query ($n: Int!) { accounts(first: $n) { totalCount } }"
    assert at_acme.code(query, n="many") == "BAD_USER_INPUT"
    assert at_acme.code(query) == "BAD_USER_INPUT"


def test_half_a_surrogate_pair_is_refused_wherever_it_stands(at_acme):
    query = "query ($x: ID!) { account(externalId: $x) { id } }"
    assert code(at_acme.post(json.dumps({"query": query, "variables": {"x": "\ud800"}}))) == "BAD_USER_INPUT"
    assert code(at_acme.post(json.dumps({"query": "{ \ud800 }"}))) == "GRAPHQL_PARSE_FAILED"


def test_an_unknown_operation_name_is_refused(at_acme):
    response = at_acme.post({"query": "query A { tenant { slug } }", "operationName": "B"})
    assert code(response) == "BAD_USER_INPUT"
    two = {"query": "query A { tenant { slug } } query B { tenant { name } }", "operationName": "B"}
    assert at_acme.post(two).json()["data"] == {"tenant": {"name": "Acme"}}


def test_several_operations_of_which_none_is_named_are_refused_and_none_is_run(at_acme, at_globex):
    """The first one might be the one that changes something."""
    for other in (
        "query B { tenant { name } }",
        'mutation B { setConsent(input: {person: "ada", consents: false}) { consents } }',
    ):
        response = at_acme.post({"query": f"{other} query A {{ tenant {{ slug }} }}"})
        assert code(response) == "BAD_USER_INPUT"
        assert "has 2 operations" in response.json()["errors"][0]["message"]
        assert "data" not in response.json()


BAD_BODIES = [" ", "{", "null", "[]", "[" * 50_000, b"\xff\xfe\x00", "17", {}, {"query": None}, {"query": ""},
    {"query": 7}, [QUERY, QUERY], {**QUERY, "variables": []}, {**QUERY, "variables": "x"},
    {**QUERY, "operationName": 3}, {**QUERY, "extensions": 3}]  # fmt: skip


@pytest.mark.parametrize("body", BAD_BODIES, ids=lambda body: str(body)[:30])
def test_a_body_that_is_no_request_is_a_400(at_acme, body):
    response = at_acme.post(body)
    assert response.status_code == 400
    assert code(response) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_another_content_type_is_a_415(at_acme, content_type):
    response = Client().post(
        "/graphql",
        json.dumps(QUERY),
        content_type=content_type,
        headers={"authorization": f"Bearer {at_acme.key}"},
    )
    assert response.status_code == 415
    assert code(response) == "BAD_USER_INPUT"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_a_405_that_names_the_right_one(at_acme, method):
    response = Client().generic(method, "/graphql", headers={"authorization": f"Bearer {at_acme.key}"})
    assert response.status_code == 405
    assert "POST" in response["Allow"]
    assert code(response) == "BAD_USER_INPUT"


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic eng:x", "Bearer nonsense"])
def test_without_a_good_key_it_is_a_401(at_acme, authorization):
    response = at_acme.post(QUERY, authorization=authorization)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert code(response) == "UNAUTHENTICATED"


def test_an_unknown_host_is_a_403_and_a_malformed_one_a_400(at_acme):
    assert Caller(at_acme.tenant, at_acme.key, "nobody.example").post(QUERY).status_code == 403
    assert at_acme.post(QUERY, host="a b").status_code == 400


def test_a_suspended_tenant_is_told_so(at_acme):
    services.set_status("acme", Tenant.Status.SUSPENDED)
    response = at_acme.post(QUERY)
    assert response.status_code == 403
    assert code(response) == "TENANT_SUSPENDED"


def test_a_failing_resolver_gives_a_reference_that_the_log_explains(at_acme, caplog):
    answer = at_acme.ask("{ tenant { slug } moodFault }")
    (error,) = answer["errors"]
    assert answer["data"] == {"tenant": {"slug": "acme"}, "moodFault": None}, "nobody else's answer is lost"
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["path"] == ["moodFault"]
    assert "secret" not in json.dumps(answer)
    (line,) = [record for record in caplog.records if record.name == "engage.api"]
    assert error["extensions"]["reference"] in line.getMessage()
    assert line.exc_info[0] is KeyError


def test_the_status_follows_graphql_over_http(at_acme):
    for query, status in (
        ("{ tenant { slug } }", 200),
        ("{ nope }", 400),
        ("{", 400),
        ("{ moodFault }", 200),
    ):
        response = at_acme.post({"query": query}, accept=f"{NEW}, application/json;q=0.9")
        assert (response.status_code, response["Content-Type"]) == (status, f"{NEW}; charset=utf-8")
        response = at_acme.post({"query": query}, accept="application/json")
        assert (response.status_code, response["Content-Type"]) == (200, "application/json; charset=utf-8")
    assert at_acme.post(QUERY, accept="text/html").status_code == 406
    assert at_acme.post(QUERY, accept="*/*")["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    ("accept", "sent"),
    [
        ("application/json; charset=utf-8", "application/json"),
        ("application/json;charset=UTF-8, */*;q=0.1", "application/json"),
        (f"{NEW}; charset=utf-8", NEW),
        (f"{NEW};q=0, application/json", "application/json"),
        (f"application/json;q=0.5, {NEW};q=0.9", NEW),
        (f"application/json, {NEW};q=0.1", "application/json"),
        ("application/*", "application/json"),
        (f"application/json;q=0, {NEW}", NEW),
        ("application/json;q=0", None),
        ("text/html;q=0.9, application/json;q=0, */*;q=0", None),
    ],
)
def test_the_media_type_is_one_that_the_client_likes(at_acme, accept, sent):
    response = at_acme.post(QUERY, accept=accept)
    assert (response.status_code, response["Content-Type"].partition(";")[0]) == (
        (200, sent) if sent else (406, "application/json")
    )


FAR_AWAY = {
    "what moved, the first day": '{ whatMoved(on: "0001-01-01") { totalCount } }',
    "what moved, the last day": '{ whatMoved(on: "9999-12-31") { totalCount } }',
    "back-test, the first days": BACKTEST.format("0001-01-01", "0001-04-01"),
    "back-test, the last days": BACKTEST.format("9999-09-01", "9999-12-31"),
    "groups, the last day": '{ metric(id: "mood.score") { compareGroups(by: "top", on: "9999-12-31") { group } } }',
    "computed, the first day": '{ metric(id: "mood.score") { compute(of: {on: "0001-01-01"}) { group } } }',
    "computed, the last day": '{ metric(id: "mood.score") { compute(of: {on: "9999-12-31"}) { group } } }',
}


@pytest.mark.parametrize("query", FAR_AWAY.values(), ids=FAR_AWAY)
def test_a_day_at_either_end_of_the_calendar_is_no_fault_of_the_servers(at_acme, at_globex, query):
    """Of the tenant of the key: in one zone the day's begin lies before the calendar, in another its end behind it."""
    for caller in (at_acme, at_globex):
        if caller is at_globex:
            query = query.replace("mood.", "pulse.")
        codes = {error["extensions"]["code"] for error in caller.ask(query).get("errors", [])}
        assert codes <= {"BAD_USER_INPUT"}, caller.tenant.slug


def test_it_is_said_of_a_day_too_far_away_what_to_do(at_acme, caplog):
    (error,) = at_acme.ask('{ whatMoved(on: "0001-01-01") { edges { node { metric } } } }')["errors"]
    assert (error["extensions"]["code"], error["message"]) == (
        "BAD_USER_INPUT",
        "A day lies too far away. Remedy: a day of the tenant's time.",
    )
    assert not [record for record in caplog.records if record.name == "engage.api"]


@strawberry.type
class FaultyQuery:
    @strawberry.field
    def slow(self) -> int | None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        return 1

    @strawberry.field
    def lost(self, info: strawberry.Info) -> int | None:
        connection.connection.close()
        return stored(info, "faulty.score")


@pytest.fixture
def at_faulty(monkeypatch, committed_tenants):
    """A tenant, visible to all connections, whose plugin is slow or loses the connection."""
    faulty = probe("faulty", GraphQLContribution(query=FaultyQuery))
    monkeypatch.setattr(plugin_registry, "installed_candidates", lambda: candidates(faulty))
    plugin_registry.registry.cache_clear()
    schema_for.cache_clear()
    tenant = committed_tenants[0]
    with tenant_scope(tenant):
        activation.enable("faulty")
    yield Caller(tenant, create_key(tenant, ApiKey.Kind.QUERY), "acme.localhost")
    connection.close()
    plugin_registry.registry.cache_clear()
    schema_for.cache_clear()


def assert_unavailable(response):
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert code(response) == "UNAVAILABLE"


def test_a_database_lost_before_the_query_is_a_503_to_try_again(at_faulty):
    connection.connection.close()
    assert_unavailable(at_faulty.post(QUERY))


def test_a_database_lost_within_the_query_is_a_503_to_try_again(at_faulty):
    assert_unavailable(at_faulty.post({"query": "{ lost }"}))


def test_a_statement_over_its_time_is_said_to_be_so_to_the_client_and_to_the_operator(
    at_faulty, monkeypatch, caplog
):
    monkeypatch.setattr(execution, "STATEMENT_TIMEOUT_MS", 100)
    assert at_faulty.code("{ slow }") == "TIMEOUT"
    assert [record.getMessage() for record in caplog.records if record.action == "query_timeout"] == [
        "At slow: A statement of the query took too long. Remedy: ask for less in one request."
    ]
