"""What a tenant agrees on about its own data: over GraphQL and by command, on record, for itself alone."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from engage_server.access.models import ApiKey
from engage_server.audit.models import AuditEntry
from engage_server.ingest.items import AccountItem
from engage_server.ingest.store import store_items
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import tenant_scope
from engage_server.tenancy.services import find_tenant
from tests.api.conftest import Caller

SET = """
    mutation { updateConventions(input: {placeholderIds: ["Unbekannt", "unbekannt "],
                                 surveyDirections: [{instrument: "ces", direction: DOWN}]}) { conventions {
        placeholderIds surveyDirections { instrument direction } } } }
"""
READ = "{ conventions { placeholderIds surveyDirections { instrument direction } } }"


def command(action: str, *options: str) -> str:
    out = StringIO()
    call_command("tenant", action, "acme", *options, stdout=out)
    return out.getvalue().strip()


def test_conventions_are_set_read_and_recorded_for_one_tenant(at_acme, at_globex):
    admin, other = (
        Caller(one.tenant, create_key(one.tenant, ApiKey.Kind.ADMIN), one.host)
        for one in (at_acme, at_globex)
    )
    agreed = {
        "placeholderIds": ["unbekannt"],
        "surveyDirections": [{"instrument": "ces", "direction": "DOWN"}],
    }
    assert admin.data(SET) == {"updateConventions": {"conventions": agreed}}
    assert admin.data(READ) == {"conventions": agreed}
    assert other.data(READ) == {"conventions": {"placeholderIds": [], "surveyDirections": []}}
    assert admin.data(
        "mutation { updateConventions(input: {placeholderIds: []}) { conventions { placeholderIds } } }"
    )
    assert find_tenant("acme").survey_directions == {"ces": "DOWN"}
    with tenant_scope(at_acme.tenant):
        recorded = AuditEntry.objects.filter(
            action__in=["placeholder_ids.changed", "survey_directions.changed"]
        )
        assert [entry.details for entry in recorded.order_by("pk")] == [
            {"ids": ["unbekannt"]},
            {"directions": {"ces": "DOWN"}},
            {"ids": []},
        ]


def test_readers_agree_on_nothing(at_acme):
    assert at_acme.code(SET) == "FORBIDDEN"
    assert find_tenant("acme").placeholder_ids == []


def test_what_cannot_be_agreed_on_is_refused(at_acme):
    admin = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)
    assert (
        admin.code(
            'mutation { updateConventions(input: {placeholderIds: [" "]}) { conventions { placeholderIds } } }'
        )
        == "BAD_USER_INPUT"
    )
    with pytest.raises(CommandError, match="neither UP nor DOWN"):
        command("directions", "--set", "ces=LEFT")


def test_commands_add_and_remove_one_at_a_time(acme):
    assert command("placeholders") == "None beside the usual ones."
    assert command("placeholders", "--add", "Unbekannt", "--add", "k.A.") == "k.a.\nunbekannt"
    assert command("placeholders", "--remove", "K.A.") == "unbekannt"
    assert command("directions", "--set", "ces=down", "--set", "fit=UP") == "ces=DOWN\nfit=UP"
    assert command("directions", "--remove", "fit") == "ces=DOWN"


def test_the_history_of_an_account_is_read_as_of_a_day_and_by_its_tenant_alone(at_acme, at_globex):
    for caller in (at_acme, at_globex):
        with tenant_scope(caller.tenant):
            told = [AccountItem("dated", plan=plan, parent="top", occurred_at=at) for plan, at in TOLD]
            store_items(told if caller is at_acme else told[:1], source="test")
    ask = '{ account(externalId: "dated") { owner history { attribute value from until } } }'
    plans = [
        {"attribute": "plan", "value": "basic", "from": None, "until": "2026-03-02"},
        {"attribute": "plan", "value": "pro", "from": "2026-03-02", "until": None},
    ]
    parent = {"attribute": "parent", "value": "top", "from": None, "until": None}
    assert at_acme.data(ask)["account"] == {"owner": "", "history": [parent, *plans]}
    assert at_globex.data(ask)["account"]["history"] == [parent, plans[0] | {"until": None}]
    assert at_acme.data(ask.replace("history", 'history(asOf: "2026-03-05")'))["account"]["history"] == []


TOLD = [("basic", datetime(2026, 3, 1, 12, tzinfo=UTC)), ("pro", datetime(2026, 3, 2, 12, tzinfo=UTC))]
