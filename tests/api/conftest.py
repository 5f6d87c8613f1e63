"""The plugins ``mood`` and ``pulse`` installed in place of the real ones, two tenants with keys, and a client."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.api import composition, deadline, execution, not_modified
from engage_server.api.composition import ComposedSchema, schema_for
from engage_server.operations.keys import create_key
from engage_server.plugin_host import activation, quality
from engage_server.plugin_host import registry as plugin_registry
from engage_server.plugin_host.registry import Plugin
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.probes import MOOD, PULSE, candidates
from tests.api.rich import REACH

MOST_REMEMBERED = 16


@pytest.fixture(autouse=True, scope="session")
def composed_once():
    """Composing takes half a second, and most tests begin with the same few plugins: what they make is remembered."""
    made: list[tuple[list[Plugin], ComposedSchema]] = []
    compose = composition.compose

    def remembered(plugins: Sequence[Plugin]) -> ComposedSchema:
        for known, schema in made:
            if composition._are_same(plugins, known):
                return schema
        schema = compose(plugins)
        made.append((list(plugins), schema))
        del made[:-MOST_REMEMBERED]
        return schema

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composition, "compose", remembered)
        yield


@pytest.fixture(autouse=True, scope="session")
def unhurried():
    """No query of a test is cut off because the machine that runs it stood still for some seconds."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (deadline, execution, not_modified):
            patch.setattr(module, "STATEMENT_TIMEOUT_MS", 30_000)
        patch.setattr(deadline, "REQUEST_S", 60.0)
        yield


@pytest.fixture(autouse=True, scope="session")
def untried():
    """No plugin is tried by the kit because somebody asks how good it is: that takes a minute of the processor."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quality, "levels_of", lambda plugins: iter(()))
        yield


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch):
    """Only ``mood`` and ``pulse`` are installed."""
    monkeypatch.setattr(plugin_registry, "installed_candidates", lambda: candidates(MOOD, PULSE))
    plugin_registry.registry.cache_clear()
    schema_for.cache_clear()
    yield
    plugin_registry.registry.cache_clear()
    schema_for.cache_clear()


def nodes_of(page: dict[str, Any]) -> list[Any]:
    """The nodes of a page."""
    return [edge["node"] for edge in page["edges"]]


@dataclass(frozen=True)
class Caller:
    """Sends queries with one tenant's key."""

    tenant: TenantRef
    key: str
    host: str

    def post(self, body: Any, **headers: str):
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        headers = {"host": f"{self.host}:8000", "authorization": f"Bearer {self.key}", **headers}
        return Client().post("/graphql", text, content_type="application/json", headers=headers)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer."""
        response = self.post({"query": query, "variables": variables})
        assert response.status_code == 200, response.content
        return response.json()

    def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def nodes(self, query: str, **variables: Any) -> list[dict[str, Any]]:
        """The nodes of the page that is the query's only field."""
        (page,) = self.data(query, **variables).values()
        return nodes_of(page)

    def code(self, query: str, **variables: Any) -> str:
        """The code of an answer's only error."""
        (error,) = self.ask(query, **variables)["errors"]
        return error["extensions"]["code"]


@pytest.fixture
def at_acme(installed: None, acme: TenantRef) -> Caller:
    """Acme has ``mood`` alone."""
    with tenant_scope(acme):
        activation.enable("mood")
    return Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost")


@pytest.fixture
def at_globex(installed: None, globex: TenantRef) -> Caller:
    """Globex has ``pulse`` alone."""
    with tenant_scope(globex):
        activation.enable("pulse")
    return Caller(globex, create_key(globex, ApiKey.Kind.QUERY), "globex.localhost")


@pytest.fixture
def with_reach(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(plugin_registry, "installed_candidates", lambda: candidates(REACH, MOOD))
    plugin_registry.registry.cache_clear()
    schema_for.cache_clear()
    yield
    plugin_registry.registry.cache_clear()
    schema_for.cache_clear()


def caller_at(tenant, host: str) -> Caller:
    with tenant_scope(tenant):
        activation.enable("reach")
    return Caller(tenant, create_key(tenant, ApiKey.Kind.ADMIN), host)


@pytest.fixture
def at(with_reach, acme) -> Caller:
    return caller_at(acme, "acme.localhost")


@pytest.fixture
def other(with_reach, globex) -> Caller:
    return caller_at(globex, "globex.localhost")
