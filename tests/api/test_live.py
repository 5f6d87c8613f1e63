"""Who may subscribe to what, and what is told; the streams themselves are tested in tests/front."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest

from engage_server.access.authentication import authenticate_reader
from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission, Principal
from engage_server.api.composition import schema_for
from engage_server.api.exceptions import RequestError
from engage_server.api.execution import Answer, GraphQLRequest
from engage_server.api.ids import global_id
from engage_server.api.live.changes import EventsReceived, RunsFinished
from engage_server.api.live.handshakes import recognise
from engage_server.api.live.subscriptions import Opened, open_operation
from engage_server.api.permissions import requirement
from engage_server.customers.models import Account
from engage_server.engine.finished_runs import FinishedRun
from engage_server.engine.models import Run
from engage_server.operations.keys import create_key
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.origins import set_origins
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.access.people import Browser, member
from tests.api.conftest import Caller
from tests.metrics.values import store

UPDATES = """subscription ($a: ID) {
    metricUpdated(metric: "mood.score", account: $a) { from to value { value } account { externalId } } }"""
RUNS = "subscription { runFinished { plugin } }"
LATER = timedelta(minutes=1)


def principal_of(caller: Caller) -> Principal:
    return authenticate_reader(caller.key)


def opened(query: str, principal: Principal, **variables: object) -> Opened | Answer:
    return open_operation(GraphQLRequest(query, dict(variables)), principal, may_change=False)


def code(given: Opened | Answer) -> str:
    assert isinstance(given, Answer)
    return given.payload["errors"][0]["extensions"]["code"]


def finished(
    principal: Principal, plugin: str, *days: int, state: Run.State = Run.State.SUCCEEDED
) -> RunsFinished:
    at = datetime.now(UTC) + LATER
    return RunsFinished(
        [FinishedRun(day, principal.tenant.id, plugin, date(2026, 3, day), state, at, 1) for day in days]
    )


def of_account(caller: Caller, external_id: str) -> tuple[Principal, str]:
    """A customer that sees its one account, and the account's global id."""
    tenant = caller.tenant
    with tenant_scope(tenant):
        pk = Account.objects.create(external_id=external_id).pk
        store("mood.score", 4, kind="account", subject=pk)
    customer = Principal(tenant, f"token:x:{pk}", frozenset({Permission.METRICS_READ}), account_id=pk)
    return customer, global_id("Account", tenant_id=tenant.id, pk=pk)


def test_every_subscription_says_what_it_needs(at_acme: Caller) -> None:
    fields = schema_for(frozenset(registry().plugins))._schema.subscription_type.fields
    assert set(fields) >= {"runFinished", "metricUpdated", "eventReceived"}
    for name, definition in fields.items():
        assert requirement(definition.extensions["strawberry-definition"]) is not None, name


@pytest.mark.parametrize("query", [RUNS, "subscription { eventReceived { name } }", UPDATES])
def test_without_the_right_nothing_is_opened(at_acme: Caller, query: str) -> None:
    nobody = Principal(at_acme.tenant, "key:x", frozenset({Permission.CONFIG_WRITE}))
    assert code(opened(query, nobody)) == "FORBIDDEN"


def test_a_customer_watches_its_own_account_and_nothing_else(at_acme: Caller, at_globex: Caller) -> None:
    customer, own = of_account(at_acme, "mine")
    _, other = of_account(at_acme, "other")
    _, foreign = of_account(at_globex, "foreign")
    for query in (RUNS, "subscription { eventReceived { name } }", UPDATES):
        assert code(opened(query, customer)) == "FORBIDDEN"
    assert code(opened(UPDATES, customer, a=other)) == "BAD_USER_INPUT"
    assert code(opened(UPDATES, customer, a=foreign)) == "BAD_USER_INPUT"
    subscription = opened(UPDATES, customer, a=own)
    assert isinstance(subscription, Opened)
    (update,) = subscription.happenings(finished(customer, "mood", 1, 3, 2))
    assert subscription.answer(update, customer)["data"]["metricUpdated"] == {
        "from": "2026-03-01", "to": "2026-03-03", "value": {"value": 4.0}, "account": {"externalId": "mine"},
    }  # fmt: skip


def test_a_metric_is_updated_by_its_own_plugins_successes_alone(at_acme: Caller) -> None:
    principal = principal_of(at_acme)
    subscription = opened(UPDATES, principal)
    assert isinstance(subscription, Opened)
    assert not subscription.happenings(finished(principal, "pulse", 1))
    assert not subscription.happenings(finished(principal, "mood", 1, state=Run.State.FAILED))
    assert not subscription.happenings(EventsReceived([]))
    assert len(subscription.happenings(finished(principal, "mood", 1, 2))) == 1


def test_what_ended_before_the_subscription_is_not_told(at_acme: Caller) -> None:
    principal = principal_of(at_acme)
    subscription = opened(RUNS, principal)
    assert isinstance(subscription, Opened)
    earlier = subscription.since - LATER
    run = FinishedRun(1, principal.tenant.id, "mood", date(2026, 3, 1), Run.State.SUCCEEDED, earlier, 1)
    assert not subscription.happenings(RunsFinished([run]))


def test_what_is_told_is_held_to_the_rights_of_that_moment(at_acme: Caller) -> None:
    principal = principal_of(at_acme)
    subscription = opened(RUNS, principal)
    assert isinstance(subscription, Opened)
    (run,) = subscription.happenings(finished(principal, "mood", 1))
    lesser = Principal(at_acme.tenant, principal.actor, frozenset({Permission.CONFIG_WRITE}))
    payload = subscription.answer(run, lesser)
    assert payload["data"] == {"runFinished": None}
    assert payload["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_a_query_is_no_subscription_and_is_answered(at_acme: Caller) -> None:
    given = opened("{ tenant { slug } }", principal_of(at_acme))
    assert isinstance(given, Answer)
    assert given.payload["data"] == {"tenant": {"slug": "acme"}}


def test_a_sessions_websocket_is_opened_from_the_servers_own_pages_alone(acme: TenantRef) -> None:
    member(acme, "ada@example.com")
    browser = Browser("acme.localhost")
    browser.sign_in("ada@example.com")
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.client.cookies.items())
    environ = {
        "REQUEST_METHOD": "GET", "wsgi.input": BytesIO(), "wsgi.url_scheme": "ws", "SERVER_NAME": "x",
        "SERVER_PORT": "80", "HTTP_HOST": "acme.localhost:8000", "HTTP_COOKIE": cookies,
    }  # fmt: skip
    own = {**environ, "HTTP_ORIGIN": "http://acme.localhost:8000"}
    credential, principal = recognise(own, {})
    assert (principal.tenant.slug, credential.is_session) == ("acme", True)
    set_origins("acme", ["https://app.example.com"])
    named = {**environ, "HTTP_ORIGIN": "https://app.example.com"}
    foreign = {**environ, "HTTP_ORIGIN": "https://evil.example.com"}
    for page in (environ, foreign, named):
        with pytest.raises(RequestError) as refused:
            recognise(page, {})
        assert refused.value.status == 403
    key = f"Bearer {create_key(acme, ApiKey.Kind.QUERY)}"
    credential, _ = recognise(named, {"authorization": key})
    assert not credential.is_session


def test_where_nobody_can_keep_the_connection_the_client_is_told(at_acme: Caller) -> None:
    response = at_acme.post({"query": RUNS}, accept="text/event-stream")
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (501, "UNAVAILABLE")


def test_urqls_usual_accept_header_is_answered_in_json(at_acme: Caller) -> None:
    json = "application/graphql-response+json, application/graphql+json, application/json"
    accepted = f"{json}, text/event-stream, multipart/mixed"
    response = at_acme.post({"query": "{ tenant { slug } }"}, accept=accepted)
    assert response["Content-Type"].startswith("application/graphql-response+json")
