"""A plugin that reads something is enabled over GraphQL once that is agreed to, and never shows a secret."""

import json

import pytest

from engage_server.access.models import ApiKey
from engage_server.operations.keys import create_key
from engage_server.plugin_host import activation
from engage_server.sdk import Accounts, SurveyResponses
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller
from tests.plugin_host.releases import installed, release

SECRET = "sesame-open-4711"


@pytest.fixture
def admin(acme: TenantRef):
    with installed(release()):
        yield Caller(acme, create_key(acme, ApiKey.Kind.ADMIN), "acme.localhost")


def test_the_mutation_says_what_is_read_and_enables_once_it_is_agreed_to(admin, globex):
    refused = admin.post(
        {"query": 'mutation { enablePlugin(input: {plugin: "tracker"}) { plugin { enabled } } }'}
    ).json()
    (error,) = refused["errors"]
    assert error["extensions"]["code"] == "CONSENT_NEEDED"
    assert error["extensions"]["reads"] == ["accounts with their plans and stages, of the computed day"]
    assert admin.data(
        'mutation { enablePlugin(input: {plugin: "tracker", agree: true}) { plugin { enabled reads } } }'
    ) == {"enablePlugin": {"plugin": {"enabled": True, "reads": error["extensions"]["reads"]}}}
    with tenant_scope(globex):
        assert activation.current_settings().get("tracker") is None


def test_a_secret_is_shown_to_nobody_not_even_where_the_configuration_is_not_valid(admin):
    change = f'{{token: "{SECRET}", days: 3}}'
    answered = admin.data(
        f'mutation {{ configurePlugin(input: {{plugin: "tracker", changes: {change}}}) {{ plugin {{ config problem }} }} }}'
    )
    assert answered["configurePlugin"]["plugin"] == {
        "config": {"days": 3, "token": "**********"},
        "problem": None,
    }
    with tenant_scope(admin.tenant):
        setting = activation.current_settings()["tracker"]
        setting.config |= {"gone": 1}
        setting.save()
    shown = json.dumps(admin.data("{ plugins { id config problem } }"))
    assert "gone" in shown
    assert SECRET not in shown
    assert "sealed" not in shown


def test_a_waiting_plugin_says_why_to_those_alone_who_may_change_it(admin):
    admin.data('mutation { enablePlugin(input: {plugin: "tracker", agree: true}) { plugin { waits } } }')
    reader = Caller(admin.tenant, create_key(admin.tenant, ApiKey.Kind.QUERY), "acme.localhost")
    assert reader.data("{ plugins { id waits } }") == {"plugins": [{"id": "tracker", "waits": None}]}
    more = release(inputs={"accounts": Accounts(), "answers": SurveyResponses(instrument="nps")})
    with installed(more, "2.0"):
        (said,) = admin.data("{ plugins { waits } }")["plugins"]
        assert "answers to surveys" in said["waits"]
        (said,) = reader.data("{ plugins { waits } }")["plugins"]
        assert "config:write" in said["waits"]
        assert "answers" not in said["waits"]
