"""A tenant lives by a zone that everybody knows who calculates in it."""

from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from engage_server.tenancy import services, zones
from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope

ODD = (
    "localtime", "posixrules", "Factory", "posix/Europe/Berlin", "right/Europe/Berlin", "Mars/Olympus",
    "europe/berlin", "../etc/passwd", "/etc/localtime", "Europe/Berlin\n", "", "Z" * 10_000,
)  # fmt: skip


@pytest.mark.parametrize("zone", ODD)
def test_what_is_no_zone_to_everybody_is_refused_when_a_tenant_is_made(db, zone):
    with pytest.raises(InvalidTenantError, match=r"is not known to .*Remedy: an IANA name") as refused:
        services.create_tenant(slug="odd", name="Odd", domain="odd.localhost", timezone=zone)
    assert len(str(refused.value)) < 300
    assert services.list_tenants() == []


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Berlin", "America/Argentina/ComodRivadavia", "Etc/GMT+5", "Asia/Kathmandu"]
)
def test_zones_of_the_database_of_zones_are_taken(db, zone):
    services.create_tenant(slug="even", name="Even", domain="even.localhost", timezone=zone)


@pytest.mark.parametrize("stranger", ["_postgresql_knows", "_polars_knows"])
def test_a_zone_that_python_alone_knows_is_refused(db, monkeypatch, stranger):
    monkeypatch.setattr(zones, stranger, lambda name: False)
    zones.strangers_to.cache_clear()
    try:
        ZoneInfo("Asia/Tokyo")
        with pytest.raises(InvalidTenantError, match=r"PostgreSQL|polars"):
            services.create_tenant(slug="odd", name="Odd", domain="odd.localhost", timezone="Asia/Tokyo")
    finally:
        zones.strangers_to.cache_clear()


def test_a_tenant_that_has_such_a_zone_is_told_by_verify(acme, globex, capsys):
    with shared_scope():
        Tenant.objects.filter(pk=acme.id).update(timezone="localtime")
    with pytest.raises(CommandError, match=r"tenant set acme --timezone"):
        call_command("tenant", "verify")
    out = capsys.readouterr().out
    assert "acme: differs\n  zone        localtime is not known to" in out
    assert "globex: as the template" in out
