import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import TenantRef

Post = Callable[..., HttpResponse]


@pytest.fixture
def key(acme: TenantRef) -> str:
    return create_key(acme, ApiKey.Kind.INGEST, source="web")


@pytest.fixture
def other_key(globex: TenantRef) -> str:
    return create_key(globex, ApiKey.Kind.INGEST, source="web")


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


@pytest.fixture
def post(key: str) -> Post:
    """Send a body as the SDKs do; bytes go as they are."""

    def send(body: Any, path: str = "/v1/batch", **headers: str) -> HttpResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Client().post(
            path, data, content_type="application/json", headers={"Authorization": basic(key), **headers}
        )

    return send
