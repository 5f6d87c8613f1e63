"""The public SDKs for Node, unmodified, against a live server; `make node-clients` installs them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from engage_server.access.models import ApiKey
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import TenantRef
from tests.ingest.assertions import assert_events_stored_once, assert_stored_once
from tests.ingest.flaky import proxy_before

FOLDER = Path(__file__).parent / "node"
NODE = shutil.which("node")
PACKAGES = {
    "segment": "@segment/analytics-node",
    "rudderstack": "@rudderstack/rudder-sdk-node",
    "posthog": "posthog-node",
    "mixpanel": "mixpanel",
    "amplitude": "@amplitude/analytics-node",
    "snowplow": "@snowplow/node-tracker",
}


def require(package: str) -> None:
    """Skip the test where the package is not there; fail it in CI, which installs them all."""
    if NODE is None or not (FOLDER / "node_modules" / package).is_dir():
        missing = f"{package} is not installed: make node-clients"
        assert not os.environ.get("CI"), missing
        pytest.skip(missing)


@pytest.mark.parametrize("client", PACKAGES)
def test_a_node_sdk_delivers_everything_once_through_lost_answers_and_waits(
    committed_tenants: tuple[TenantRef, TenantRef], live_server: LiveServer, client: str
) -> None:
    require(PACKAGES[client])
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
    assert_told = assert_events_stored_once if client == "snowplow" else assert_stored_once
    assert_told(tenant, other)
