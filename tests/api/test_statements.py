"""List fields take a fixed number of statements, however long the list."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.access.principal import EVERYTHING, Principal
from engage_server.api.execution import GraphQLRequest, answer
from engage_server.automation.models import Signal
from engage_server.customers.models import Account
from engage_server.tenancy.scope import tenant_scope
from tests.metrics.values import store

WORD = re.compile(r"\w+")
DAY = date(2026, 3, 1)
METRICS = ("mood.score", "mood.swing", "mood.range")


@pytest.fixture
def fifty(at_acme):
    with tenant_scope(at_acme.tenant):
        # Children come first, so that no parent is on the page that they are on.
        children = [Account.objects.create(external_id=f"a{n}") for n in range(50)]
        roots = [Account.objects.create(external_id=f"root{n}") for n in range(10)]
        for n, child in enumerate(children):
            child.parent = roots[n % 10]
            child.save()
        for account in Account.objects.all():
            for metric in METRICS:
                store(metric, account.pk, kind="account", subject=account.pk)
            for rule in (1, 2):
                Signal.objects.create(
                    rule=rule,
                    rule_version=1,
                    is_risk=True,
                    subject_kind="account",
                    subject=account.pk,
                    raised_on=DAY,
                )
    return at_acme.tenant


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """Counts the statements of the block that read."""
    with CaptureQueriesContext(connection) as captured:
        # Which limits hold is asked once in a few seconds, not for each query.
        yield lambda: sum(
            not {"set_config", "access_limit"} & set(WORD.findall(query["sql"])) for query in captured
        )


def statements(tenant, query: str) -> tuple[dict, int]:
    with counted() as taken:
        given = answer(GraphQLRequest(query), Principal(tenant, "key:test", EVERYTHING))
    assert "errors" not in given.payload, given.payload
    return given.payload["data"], taken()


# Each count includes one statement that asks for the enabled plugins.
@pytest.mark.parametrize(
    ("search", "selection", "count"),
    [
        ("a", "name", 2),
        ("a", "metrics { metric value label }", 3),
        (
            "a",
            'a: metric(id: "mood.score") { value } b: metric(id: "mood.swing") { value } mood { score { value } }',
            4,
        ),
        ("a", "memberCount", 3),
        ("a", "parent { name }", 3),
        ("a", "parent { parent { name } metrics { value } }", 4),
        (
            "a",
            "signals(first: 5) { totalCount edges { node { kind subject { ... on Account { name } } } } }",
            5,
        ),
        ("root", "children(first: 5) { edges { node { name } } }", 3),
        ("root", "children(first: 5) { edges { node { metrics { value } parent { name } } } }", 4),
    ],
)
def test_a_page_of_accounts_takes_a_fixed_number_of_statements(fifty, search, selection, count):
    for first in (2, 10, 50):
        data, taken = statements(
            fifty,
            f'{{ accounts(first: {first}, where: {{ search: "{search}" }}) {{ edges {{ node {{ {selection} }} }} }} }}',
        )
        assert len(data["accounts"]["edges"]) == (first if search == "a" else min(first, 10))
        assert taken == count


def test_metrics_with_their_latest_values_take_one_statement(fifty):
    _, taken = statements(fifty, "{ metrics { id card { formula } latest { value } } }")
    assert taken == 2


def test_counting_is_done_only_where_it_is_asked_for(fifty):
    data, taken = statements(fifty, "{ accounts(first: 1) { totalCount } }")
    assert data["accounts"]["totalCount"] == 60
    assert taken == 3
