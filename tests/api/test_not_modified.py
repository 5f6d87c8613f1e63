"""An answer that cannot have changed is not computed once more; one that may have is."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.access.principal import EVERYTHING, Permission, Principal
from engage_server.api import not_modified, views
from engage_server.api.execution import GraphQLRequest, answer
from engage_server.api.response_encoding import etag_of
from engage_server.customers.models import Account
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import TenantRef, tenant_scope

TRIES = 20
ASKED = GraphQLRequest("{ accounts(first: 9) { edges { node { externalId plan } } } }")


class Tomorrow(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(days=1)


@pytest.fixture
def own(committed_tenants: tuple[TenantRef, TenantRef]) -> TenantRef:
    """A tenant whose rows are committed, as those of a server are."""
    make_account(committed_tenants[0], "first")
    return committed_tenants[0]


def make_account(tenant: TenantRef, name: str) -> None:
    with tenant_scope(tenant):
        Account.objects.create(external_id=name)


def who(tenant: TenantRef, permissions=EVERYTHING) -> Principal:
    return Principal(tenant, "key:one", permissions)


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody commits anything. In truth other databases of the same PostgreSQL do, at any time."""
    monkeypatch.setattr(not_modified, "_state", lambda: "one")


def soon(condition: Callable[[], bool]) -> bool:
    """Whether it holds once in a while, where others commit in between."""
    return any(condition() for _ in range(TRIES))


def asked_once(principal: Principal, asked: GraphQLRequest = ASKED) -> str:
    """Ask, and have it remembered as a conditional GET does; the ETag."""
    mark = not_modified.mark(asked, principal)
    given = answer(asked, principal, takes_json=True)
    etag = etag_of(given.payload)
    assert mark is not None
    not_modified.remember(mark, given.payload, etag, principal.tenant)
    return etag


def known(principal: Principal, asked: GraphQLRequest = ASKED) -> str | None:
    mark = not_modified.mark(asked, principal)
    return None if mark is None else not_modified.etag_at(mark)


def test_it_is_known_until_anybody_commits(own):
    answer(ASKED, who(own), takes_json=True)
    etag = asked_once(who(own))
    assert soon(lambda: asked_once(who(own)) == known(who(own)) == etag)
    make_account(own, "second")
    assert known(who(own)) is None
    assert asked_once(who(own)) != etag


def test_other_rights_days_questions_and_tenants_have_answers_of_their_own(
    own, committed_tenants, monkeypatch, still
):
    answer(ASKED, who(own), takes_json=True)
    etag = asked_once(who(own))
    assert known(who(committed_tenants[1])) is None
    assert known(who(own, frozenset({Permission.METRICS_READ, Permission.PERSONAL_READ}))) is None
    assert known(who(own, EVERYTHING - {Permission.PERSONAL_READ})) is None
    assert known(replace(who(own), actor="key:two")) is None
    assert known(who(own), replace(ASKED, query=ASKED.query.replace("9", "8"))) is None
    assert known(who(own), replace(ASKED, variables={"x": 1})) is None
    assert known(who(own)) == etag
    with monkeypatch.context() as later:
        later.setattr(not_modified, "datetime", Tomorrow)
        assert known(who(own)) is None
    monkeypatch.setattr(not_modified, "recent_active_ids", lambda: frozenset({"nps"}))
    assert known(who(own)) is None


def test_what_a_process_reckons_itself_is_never_remembered(own, still):
    asked = GraphQLRequest("{ limits { name used } }")
    asked_once(who(own), asked)
    assert known(who(own), asked) is None


def test_a_client_that_has_it_is_told_so_without_an_execution(own, monkeypatch):
    key = create_key(own, ApiKey.Kind.ADMIN)
    sent = {"host": "acme.localhost:8000", "authorization": f"Bearer {key}"}
    address = f"/graphql?{urlencode({'query': ASKED.query})}"
    with closing(Client().get(address, headers=sent)) as first:
        held = {**sent, "if-none-match": first["ETag"]}
    executed: list[GraphQLRequest] = []

    def counted(asked: GraphQLRequest, *rest: Any, **named: Any) -> Any:
        executed.append(asked)
        return answer(asked, *rest, **named)

    monkeypatch.setattr(views, "answer", counted)

    def told_without_an_execution() -> bool:
        before = len(executed)
        assert Client().get(address, headers=held).status_code == 304
        return len(executed) == before

    # What is remembered of a key and its tenant is written once, too.
    assert soon(told_without_an_execution)
    make_account(own, "third")
    assert Client().get(address, headers=held).status_code == 200
