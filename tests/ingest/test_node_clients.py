"""The public SDKs for Node, unmodified, against a live server; `make node-clients` installs them."""

import shutil
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from engage_server.access.keys import create_key
from engage_server.access.models import ApiKey
from engage_server.tenancy.scope import TenantRef
from tests.ingest.flaky import proxy_before
from tests.ingest.story import assert_told_once

FOLDER = Path(__file__).parent / "node"
NODE = shutil.which("node")
pytestmark = [
    pytest.mark.skipif(NODE is None, reason="Node is not installed"),
    pytest.mark.skipif(
        not (FOLDER / "node_modules").is_dir(), reason="`make node-clients` installs the SDKs for Node"
    ),
]


@pytest.mark.parametrize("client", ["segment", "posthog", "mixpanel", "amplitude"])
def test_a_node_sdk_delivers_everything_once_through_lost_answers_and_waits(
    committed_tenants: tuple[TenantRef, TenantRef], live_server: LiveServer, client: str
) -> None:
    tenant, other = committed_tenants
    key = create_key(tenant, ApiKey.Kind.INGEST, source="sdk")
    with proxy_before(live_server.url.removeprefix("http://")) as proxy:
        done = subprocess.run(
            [str(NODE), "deliver.mjs", client, key, proxy.url],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert proxy.faults == 2
    assert set(proxy.statuses) == {200}
    assert_told_once(tenant, other)
