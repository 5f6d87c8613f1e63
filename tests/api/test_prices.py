"""What a query costs follows from what it reads: a point stands for five milliseconds of the processor at most."""

import pytest

from tests.api.heavy import MS_A_POINT, fill, prices


@pytest.fixture
def full(acme, settings):
    settings.ENGAGE_QUERY_POINTS = 0
    fill(acme)
    return acme


def test_no_field_takes_longer_than_it_costs_on_a_tenant_with_much_of_everything(full):
    found = list(prices(full))
    dear = {price.label: (price.points, round(price.cpu_ms)) for price in found if not price.is_kept}
    assert dear == {}, f"points and milliseconds, of which {MS_A_POINT} a point are allowed"
    assert len(found) > 80
    labels = {price.label for price in found}
    assert {"query.auditVerified (few)", "query.plugins (few)", "mutation.exportPerson alone (all)"} <= labels
