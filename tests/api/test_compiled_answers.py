"""A small variant of ``make compiled``: generated queries are answered alike, compiled and in the ordinary way."""

from collections import Counter

from engage_server.access.principal import EVERYTHING, Principal
from engage_server.api.composition import schema_for
from engage_server.api.context import Context
from engage_server.customers.models import Account
from engage_server.tenancy.scope import tenant_scope
from tests.chaos.compiled import compare


def test_generated_queries_are_answered_alike(at_acme):
    plugins = frozenset({"mood"})
    principal = Principal(at_acme.tenant, "key:compared", EVERYTHING)
    counted: Counter[str] = Counter()
    with tenant_scope(at_acme.tenant):
        above = Account.objects.create(external_id="account-1", name="One", plan="pro")
        for number in (2, 7):
            Account.objects.create(external_id=f"account-{number}", name=f"Number {number}", parent=above)
        found = compare(
            schema_for(plugins)._schema,
            lambda: Context(principal=principal, plugins=plugins),
            examples=30,
            counted=counted,
        )
    assert found == []
    assert counted["data"] > 0
    assert counted["errors"] > 0
