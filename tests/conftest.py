"""Fixtures of the whole suite: two tenants that must never see each other."""

from collections.abc import Iterator

import pytest

from engage_server.operations.tenants import onboard
from engage_server.tenancy import services
from engage_server.tenancy.scope import TenantRef


@pytest.fixture
def acme(db: None) -> TenantRef:
    """A tenant with the starter plugins, gone with the test's transaction."""
    return onboard(slug="acme", name="Acme", domain="acme.localhost", timezone="Europe/Berlin").tenant


@pytest.fixture
def globex(db: None) -> TenantRef:
    """A second one, with the same external ids wherever a test wants them."""
    return onboard(
        slug="globex", name="Globex", domain="globex.localhost", timezone="America/New_York"
    ).tenant


@pytest.fixture
def committed_tenants(transactional_db: None) -> Iterator[tuple[TenantRef, TenantRef]]:
    """Two tenants that other processes and threads can see; their schemas are dropped afterwards."""
    made = [
        onboard(slug=slug, name=slug, domain=f"{slug}.localhost", timezone="Europe/Berlin").tenant
        for slug in ("acme", "globex")
    ]
    yield made[0], made[1]
    for tenant in made:
        services.delete_tenant(tenant.slug)
