"""A foreign plugin, of which the server imports nothing, is served like everybody's: typed, configured, computed."""

import sys
from collections.abc import Iterator
from datetime import date

import pytest

from engage_server.access.models import ApiKey
from engage_server.customers.models import Account
from engage_server.engine import executor
from engage_server.operations.keys import create_key
from engage_server.operations.plugins import configure_plugin
from engage_server.plugin_host.isolation import pool
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller
from tests.plugin_host.installing import distribution, on_path

DAY = date(2026, 6, 30)
SOURCE = """
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import Field, SecretStr

from engage_server.sdk import Accounts, Answer, Card, Computation, Plugin, PluginConfig, Sample
from engage_server.sdk.details import PERSONAL


class CrowdConfig(PluginConfig):
    factor: int = Field(2, ge=1, description="What is counted is multiplied by this.")
    token: SecretStr = Field(SecretStr(""), description="Of the other system.")


@dataclass(frozen=True)
class Row:
    label: Annotated[str, "What was counted."]
    share: Annotated[Decimal, "Its part of all."]


@dataclass(frozen=True)
class Crowd:
    rows: Annotated[tuple[Row, ...], "Parts."]
    token_length: Annotated[int, "Characters of the token."]


CARD = Card(formula="factor x accounts", source="ours", edge_rules=("No account: null.",))
plugin = Plugin("crowd", sdk=">=1,<3", config=CrowdConfig, title={"en": "Crowd", "ko": "Crowd"}, starter=False)


@plugin.metric(
    "size", title={"en": "Size", "ko": "Size"}, unit="accounts", card=CARD, details=Crowd, subjects=("tenant",),
    sample=Sample.THINGS, inputs=lambda config: {"accounts": Accounts()},
)
def size(rows: Computation[CrowdConfig]) -> Answer | None:
    found = rows["accounts"].height
    if not found:
        return None
    token = rows.config.token.get_secret_value()
    details = Crowd((Row("all", Decimal("1.50")),), len(token))
    return Answer(rows.config.factor * found, n=found, details=details)
"""


@pytest.fixture
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("crowd")
    distribution(folder, name="foreign-crowd", entry="crowd", source=SOURCE, attribute="plugin")
    with on_path(folder):
        yield


@pytest.fixture
def admin(crowd: None, acme: TenantRef) -> Caller:
    return Caller(acme, create_key(acme, ApiKey.Kind.ADMIN), "acme.localhost")


def test_a_foreign_plugin_is_typed_configured_and_computed_without_being_imported(admin, globex):
    agreed = admin.data(
        'mutation { enablePlugin(input: {plugin: "crowd", agree: true}) { plugin { enabled title(language: "ko") } } }'
    )
    assert agreed == {"enablePlugin": {"plugin": {"enabled": True, "title": "Crowd"}}}
    assert admin.code(
        'mutation { configurePlugin(input: {plugin: "crowd", changes: {factor: 0}}) { dryRun } }'
    ) == ("INVALID_CONFIGURATION")
    # Not by a mutation, which has ten seconds: on a busy machine a process may take longer to start.
    configure_plugin(admin.tenant, "crowd", {"factor": 3, "token": "abcd"})
    pool.close()
    shown = admin.data("{ plugins { id config reads waits } }")["plugins"]
    assert next(plugin for plugin in shown if plugin["id"] == "crowd") == {
        "id": "crowd",
        "config": {"factor": 3, "token": "**********"},
        "reads": ["accounts with their plans and stages, of the computed day"],
        "waits": None,
    }
    assert not pool._pool._idle, "a page of settings starts no process"
    with tenant_scope(admin.tenant):
        Account.objects.create(external_id="a", name="A")
    executor.backfill(admin.tenant, plugins=["crowd"], first=DAY, last=DAY, progress=lambda *told: None)
    answered = admin.data(
        '{ crowd(on: "2026-06-30") { size { value n unit rows { label share } tokenLength } } }'
    )
    assert answered["crowd"]["size"] == {
        "value": 3.0,
        "n": 1,
        "unit": "accounts",
        "rows": [{"label": "all", "share": "1.50"}],
        "tokenLength": 4,
    }
    assert "foreign_crowd" not in sys.modules
    other = Caller(globex, create_key(globex, ApiKey.Kind.QUERY), "globex.localhost")
    assert other.code("{ crowd { size { value } } }") != "INTERNAL", "globex has no such field"
