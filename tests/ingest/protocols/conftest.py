import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from engage_server.tenancy.scope import TenantRef

Send = Callable[..., HttpResponse]


@pytest.fixture
def send(acme: TenantRef, globex: TenantRef) -> Send:
    """POST a body without any header of authentication; bytes and texts go as they are."""

    def post(path: str, body: Any, content_type: str = "application/json", **headers: str) -> HttpResponse:
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return Client().post(path, data, content_type=content_type, headers=headers)

    return post
