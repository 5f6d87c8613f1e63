"""Whatever is sent, the answer is no server error and every refusal has a code. `make fuzz-ingest` tries more."""

import base64
import json

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings

from engage_server.ingest.models import QuarantinedItem
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.ingest.protocols.bodies import ITEMS, PATHS, batch
from tests.ingest.protocols.malformed import Example, complaint, examples, seeds


def answer_to(key: str, example: Example) -> str:
    protocol, body = example
    basic = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
    response = Client().post(
        PATHS[protocol], body, content_type="application/json", headers={"Authorization": basic}
    )
    return complaint(protocol, response.status_code, response.content)


@pytest.mark.parametrize("protocol", PATHS)
def test_an_odd_value_in_any_field_is_a_reject_with_a_code_or_taken(key: str, protocol: str) -> None:
    assert {body: wrong for body in seeds(protocol) if (wrong := answer_to(key, (protocol, body)))} == {}


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(example=examples())
def test_whatever_is_sent_the_answer_is_no_server_error(key: str, example: Example) -> None:
    assert answer_to(key, example) == ""


@pytest.mark.parametrize("protocol", PATHS)
def test_an_item_that_is_no_json_costs_the_others_nothing(
    acme: TenantRef, key: str, send, protocol: str
) -> None:
    good = ITEMS[protocol](key)
    body = batch(protocol, key, [b'{"a":NaN}', json.dumps(good).encode(), b"[" * 5000 + b"]" * 5000])
    assert send(PATHS[protocol], body).status_code == 200
    with tenant_scope(acme):
        codes = QuarantinedItem.objects.order_by("id").values_list("code", flat=True)
        assert list(codes) == ["invalid_json", "too_deep"]
