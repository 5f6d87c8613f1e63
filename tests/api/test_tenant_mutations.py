"""A tenant's name, zone, cadence and domains over GraphQL, for those who configure."""

from engage_server.access.models import ApiKey
from engage_server.audit import log as audit_log
from engage_server.operations.keys import create_key
from engage_server.tenancy import services
from engage_server.tenancy.domains import domains_of
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

SET = (
    "mutation ($zone: String) { updateTenant(input: {timezone: $zone, cadence: MONTHLY}) { tenant { name "
    "timezone cadence domains } } }"
)
ADD = "mutation ($domain: String!) { addDomain(input: {domain: $domain, primary: true}) { tenant { domains } } }"
REMOVE = "mutation ($domain: String!) { removeDomain(input: {domain: $domain}) { tenant { domains } } }"


def test_a_tenant_is_changed_by_those_who_configure_it_on_record(at_acme, at_globex):
    admin = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)
    theirs = at_globex.data("{ tenant { name timezone cadence domains } }")
    former = domains_of(at_acme.tenant.id)
    changed = admin.data(SET, zone="Asia/Tokyo")["updateTenant"]["tenant"]
    assert changed == {"name": "Acme", "timezone": "Asia/Tokyo", "cadence": "MONTHLY", "domains": former}
    assert admin.data(ADD, domain="new.example")["addDomain"]["tenant"] == {
        "domains": ["new.example", *former]
    }
    assert admin.data(REMOVE, domain="new.example")["removeDomain"]["tenant"] == {"domains": former}
    with tenant_scope(at_acme.tenant):
        entries = audit_log.newest(3)
    assert [entry.action for entry in entries] == ["domain.removed", "domain.added", "tenant.changed"]
    assert all(entry.actor.startswith("key:") for entry in entries)
    assert at_globex.data("{ tenant { name timezone cadence domains } }") == theirs


def test_what_cannot_be_is_bad_input_and_changes_nothing(at_acme, at_globex):
    admin = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)
    for zone in ("localtime", "posix/Europe/Berlin", "Mars/Olympus"):
        assert admin.code(SET, zone=zone) == "BAD_USER_INPUT"
    (own,), (other,) = domains_of(at_acme.tenant.id), domains_of(at_globex.tenant.id)
    assert admin.code(REMOVE, domain=own) == "BAD_USER_INPUT"
    assert admin.code(REMOVE, domain=other) == "BAD_USER_INPUT"
    assert admin.code(ADD, domain=other) == "BAD_USER_INPUT"
    assert admin.code(ADD, domain="no host") == "BAD_USER_INPUT"
    assert services.find_tenant(at_acme.tenant.slug).timezone == at_acme.tenant.timezone
    assert (domains_of(at_acme.tenant.id), domains_of(at_globex.tenant.id)) == ([own], [other])


def test_readers_change_nothing(at_acme):
    for document in (SET, ADD, REMOVE):
        assert at_acme.code(document, zone="Asia/Tokyo", domain="new.example") in {
            "FORBIDDEN",
            "BAD_USER_INPUT",
        }
    tenant = services.find_tenant(at_acme.tenant.slug)
    assert tenant.timezone == at_acme.tenant.timezone
    assert len(domains_of(tenant.pk)) == 1
