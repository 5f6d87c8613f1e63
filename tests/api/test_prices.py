"""What a query costs follows from what it reads: a point stands for five milliseconds of the processor at most."""

import pytest

from engage_server.api import deadline, execution
from tests.api.heavy import MS_A_POINT, fill, prices

PATIENT_S = 120


@pytest.fixture
def full(acme, settings, monkeypatch):
    settings.ENGAGE_QUERY_POINTS = 0
    # Prices are of processor time: what others do on the machine ends no query of these.
    monkeypatch.setattr(deadline, "REQUEST_S", 2 * PATIENT_S)
    for module in (deadline, execution):
        monkeypatch.setattr(module, "STATEMENT_TIMEOUT_MS", 1_000 * PATIENT_S)
    fill(acme)
    return acme


def test_no_field_takes_longer_than_it_costs_on_a_tenant_with_much_of_everything(full):
    found = list(prices(full))
    dear = {price.label: (price.points, round(price.cpu_ms)) for price in found if not price.is_kept}
    assert dear == {}, f"points and milliseconds, of which {MS_A_POINT} a point are allowed"
    assert len(found) > 80
    labels = {price.label for price in found}
    assert {"query.auditVerified (few)", "query.plugins (few)", "mutation.exportPerson alone (all)"} <= labels
