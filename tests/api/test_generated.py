"""A small variant of ``make schemathesis``: documents made from the schema of all plugins meet no fault of ours."""

import json
from collections import Counter

import pytest
from django.test import Client

from engage_server.engine.lifecycle import onboard
from tests.chaos.generated import fuzz


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
