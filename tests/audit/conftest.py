"""Tenants as they are before anything is done in them, not even keys made: their logs are empty."""

from collections.abc import Iterator

import pytest

from engage_server.tenancy import services
from engage_server.tenancy.scope import TenantRef


@pytest.fixture
def acme(db: None) -> TenantRef:
    return services.create_tenant(slug="acme", name="Acme", domain="acme.localhost", timezone="UTC")


@pytest.fixture
def globex(db: None) -> TenantRef:
    return services.create_tenant(slug="globex", name="Globex", domain="globex.localhost", timezone="UTC")


@pytest.fixture
def committed_tenants(transactional_db: None) -> Iterator[tuple[TenantRef, TenantRef]]:
    made = [
        services.create_tenant(slug=slug, name=slug, domain=f"{slug}.localhost", timezone="UTC")
        for slug in ("acme", "globex")
    ]
    yield made[0], made[1]
    for tenant in made:
        services.delete_tenant(tenant.slug)
