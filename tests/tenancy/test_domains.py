"""Host names of a tenant come and go; one remains, and one is primary."""

import pytest
from django.core.management import CommandError, call_command

from engage_server.audit import log as audit_log
from engage_server.tenancy import domains, origins, services
from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.scope import tenant_scope


def test_domains_are_added_and_removed_on_record(acme, globex, capsys):
    assert origins.origins_at("app.acme.example") is None
    call_command("tenant", "domains", "acme", add=["app.acme.example", "www.acme.example"], primary=True)
    assert capsys.readouterr().out.split() == ["app.acme.example", "acme.localhost", "www.acme.example"]
    assert services.tenant_of_host("app.acme.example").slug == "acme"
    assert origins.origins_at("app.acme.example").named == frozenset()
    call_command("tenant", "domains", "acme", remove=["app.acme.example"])
    assert capsys.readouterr().out.split() == ["acme.localhost", "www.acme.example"]
    assert services.tenant_of_host("app.acme.example") is None
    assert origins.origins_at("app.acme.example") is None
    with tenant_scope(acme):
        deeds = [(entry.action, entry.subject) for entry in audit_log.newest(3)]
    assert deeds == [
        ("domain.removed", "app.acme.example"),
        ("domain.added", "www.acme.example"),
        ("domain.added", "app.acme.example"),
    ]
    assert domains.domains_of(globex.id) == ["globex.localhost"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"remove": ["acme.localhost"]}, "only domain"),
        (
            {"remove": ["globex.localhost"]},
            "no domain 'globex.localhost'. Remedy: one of these: acme.localhost",
        ),
        ({"add": ["globex.localhost"]}, "belongs to a tenant already"),
        ({"add": ["https://acme.example"]}, "no host name"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(acme, globex, change, says):
    with pytest.raises(CommandError, match=says):
        call_command("tenant", "domains", "acme", **change)
    assert domains.domains_of(acme.id) == ["acme.localhost"]
    assert domains.domains_of(globex.id) == ["globex.localhost"]


def test_a_tenant_has_a_bounded_number_of_domains(acme, monkeypatch):
    monkeypatch.setattr(domains, "MOST", 2)
    domains.add_domain(acme.id, "b.example")
    with pytest.raises(InvalidTenantError, match="2 domains at most"):
        domains.add_domain(acme.id, "c.example")
