"""One tenant goes back to an earlier state, or comes back after it was deleted; the others notice nothing."""

import pytest
from django.db import connection

from engage_server.access.keys import KeyRequest, list_keys, make_keys, revoke_key
from engage_server.access.models import ApiKey
from engage_server.audit import log as audit_log
from engage_server.customers.models import Person
from engage_server.customers.removals import current_epoch, hold_epoch
from engage_server.engine import executor, lifecycle
from engage_server.engine.models import Run, Schedule
from engage_server.metrics.models import MetricValue
from engage_server.operations.backup import back_up
from engage_server.tenancy import catalogue, services, templates
from engage_server.tenancy.models import Domain, Tenant
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.operations.past import live, restore, rows_of, shared_rows, verdicts


def test_a_tenant_goes_back_and_the_other_stays(acme, globex, backups):
    live(acme, "ada", "bob")
    live(globex, "ada")
    before, theirs = rows_of(acme), (rows_of(globex), shared_rows(globex.id))
    folder = back_up(backups, slug="acme")
    live(acme, "eve", day=1)
    restored = restore(folder, "acme")
    assert restored.in_place
    assert rows_of(acme) == before
    assert (rows_of(globex), shared_rows(globex.id)) == theirs
    assert verdicts(acme).keys() == {"EQUAL"}
    assert not catalogue.compare(acme, templates.template_catalogue())
    with tenant_scope(acme):
        assert not Person.objects.filter(external_id="eve").exists()
        assert audit_log.verify().broken_at is None
        assert audit_log.newest(1)[0].action == "tenant.restored"
