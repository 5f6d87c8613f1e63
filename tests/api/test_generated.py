"""A small variant of ``make schemathesis``: documents made from the schema of all plugins meet no fault of ours."""

import json
from collections import Counter

import pytest
from django.test import Client

from engage_server.operations.tenants import onboard
from tests.chaos.generated import complaint, count_objects, fuzz


@pytest.mark.django_db
def test_no_generated_document_is_answered_with_a_fault_of_the_servers():
    made = onboard(slug="acme", name="Acme", domain="acme.localhost", timezone="UTC")
    counted: Counter[str] = Counter()
    for key in (made.query_key, made.admin_key):
        headers = {"authorization": f"Bearer {key}", "host": "acme.localhost"}

        def send(document: str) -> tuple[int, bytes]:
            response = Client().post(
                "/graphql",
                json.dumps({"query": document}),
                content_type="application/json",
                headers=headers,  # noqa: B023
            )
            return response.status_code, response.content

        assert fuzz(send, examples=50, counted=counted) == []
    assert counted["DATA"] > 0


def test_an_answer_with_more_objects_than_its_cost_admits_is_a_complaint():
    rows = [{"node": {"id": str(n)}} for n in range(150)]
    answer = {"data": {"accounts": rows}, "extensions": {"cost": {"requested": 3}}}
    assert count_objects(answer["data"]) == 301
    assert complaint(200, json.dumps(answer).encode(), Counter()).startswith("301 objects for a cost of 3")
    answer["extensions"]["cost"]["requested"] = 4
    assert complaint(200, json.dumps(answer).encode(), Counter()) == ""
