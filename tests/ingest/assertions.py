"""What every SDK tells the server in these tests, as it must stand in the database afterwards."""

from engage_server.activity.models import Event
from engage_server.customers.models import Account, Membership, Person
from engage_server.ingest.models import QuarantinedItem
from engage_server.tenancy.scope import TenantRef, tenant_scope


def assert_stored_once(tenant: TenantRef, other: TenantRef) -> None:
    """A person, their account and three events, each once; nothing with the other tenant."""
    assert_events_stored_once(tenant, other)
    with tenant_scope(tenant):
        ada = Person.objects.get(external_id="ada")
        assert ada.traits["email"] == "ada@acme.test"
        account = Account.objects.get()
        assert (account.external_id, account.name, account.plan) == ("acct-1", "First Account", "pro")
        assert Membership.objects.get(person=ada).account == account


def assert_events_stored_once(tenant: TenantRef, other: TenantRef) -> None:
    """The three events of the person and the account: all that Snowplow's trackers can tell."""
    with tenant_scope(tenant):
        assert not list(QuarantinedItem.objects.values_list("code", "message"))
        ada, account = Person.objects.get(), Account.objects.get()
        assert (ada.external_id, account.external_id) == ("ada", "acct-1")
        events = Event.objects.filter(name__name="Report Exported", person=ada, account=account)
        assert sorted(event.properties["rows"] for event in events) == [0, 1, 2]
        assert Event.objects.count() == 3
    with tenant_scope(other):
        assert not Person.objects.exists()
        assert not Account.objects.exists()
