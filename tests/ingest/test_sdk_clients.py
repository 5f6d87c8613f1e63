"""The public SDKs for Python, unmodified, against a live server behind a proxy that loses an answer and asks to wait."""

import importlib
import time
from collections.abc import Callable
from types import ModuleType

import pytest
from pytest_django.live_server_helper import LiveServer

from engage_server.access.models import ApiKey
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import TenantRef
from tests.ingest.assertions import assert_events_stored_once, assert_stored_once
from tests.ingest.flaky import proxy_before

WAITS = "not installed: it is in the dependency group dev; `make lock` and `make install` bring it"
TRAITS = {"email": "ada@acme.test"}
ACCOUNT = {"name": "First Account", "plan": "pro"}
Tell = Callable[[ModuleType, str, str], None]


def segment(module: ModuleType, key: str, url: str, **options: bool) -> None:
    client = module.Client(key, host=url, **options)
    client.identify("ada", TRAITS)
    client.group("ada", "acct-1", ACCOUNT)
    for row in range(3):
        client.track("ada", "Report Exported", {"rows": row}, {"groupId": "acct-1"})
    client.flush()
    client.join()
    request = importlib.import_module(module.__name__.removesuffix(".client") + ".request")
    request._session.close()


def segment_gzip(module: ModuleType, key: str, url: str) -> None:
    segment(module, key, url, gzip=True)


def posthog(module: ModuleType, key: str, url: str) -> None:
    client = module.Posthog(key, host=url, flush_interval=0.1)
    client.set(distinct_id="ada", properties=TRAITS)
    client.group_identify("company", "acct-1", ACCOUNT)
    for row in range(3):
        groups = {"company": "acct-1"}
        client.capture("Report Exported", distinct_id="ada", properties={"rows": row}, groups=groups)
    client.flush()
    client.shutdown()
    importlib.import_module("posthog.request").reset_sessions()


def mixpanel(module: ModuleType, key: str, url: str) -> None:
    paths = {
        "events_url": "/track",
        "people_url": "/engage",
        "groups_url": "/groups",
        "import_url": "/import",
    }
    consumer = module.BufferedConsumer(**{name: url + path for name, path in paths.items()})
    client = module.Mixpanel(key, consumer)
    client.people_set("ada", {**TRAITS, "company": "acct-1"})
    client.group_set("company", "acct-1", ACCOUNT)
    for row in range(3):
        client.track("ada", "Report Exported", {"rows": row, "company": "acct-1"})
    for _ in range(10):  # it keeps what failed and leaves the retry to its user
        try:
            consumer.flush()
        except module.MixpanelException:
            continue
        break
    consumer._consumer._session.close()


def amplitude(module: ModuleType, key: str, url: str) -> None:
    client = module.Amplitude(key, module.Config(server_url=url + "/2/httpapi", flush_interval_millis=50))
    told: list[int] = []
    client.configuration.callback = lambda event, code, message: told.append(code)
    who = module.EventOptions(user_id="ada")
    client.identify(_amplitude_set(module, TRAITS), who)
    client.set_group("company", "acct-1", who)
    client.group_identify("company", "acct-1", _amplitude_set(module, ACCOUNT), who)
    for row in range(3):
        groups, properties = {"company": "acct-1"}, {"rows": row}
        client.track(
            module.BaseEvent("Report Exported", user_id="ada", groups=groups, event_properties=properties)
        )
    while len(told) < 6:
        for future in client.flush():
            if future is not None:
                future.result()
    client.shutdown()


def _amplitude_set(module: ModuleType, traits: dict[str, str]) -> object:
    identify = module.Identify()
    for name, value in traits.items():
        identify.set(name, value)
    return identify


def snowplow(module: ModuleType, key: str, url: str) -> None:
    def described(name: str, data: dict[str, object]) -> object:
        return module.SelfDescribingJson(f"iglu:com.acme/{name}/jsonschema/1-0-0", data)

    delivered: list[object] = []
    emitter = module.Emitter(url, protocol="http", batch_size=2, on_success=delivered.extend)
    subject = module.Subject().set_user_id("ada")
    tracker = module.Tracker(namespace="engage", app_id=key, emitters=emitter, subject=subject)
    account = described("account", {"id": "acct-1"})
    for row in range(3):
        tracker.track(module.SelfDescribing(described("Report Exported", {"rows": row}), context=[account]))
    while len(delivered) < 3:  # it waits before it sends again what failed, and leaves the rest to its user
        tracker.flush()
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("module", "tell"),
    [
        pytest.param("segment.analytics.client", segment, id="segment"),
        pytest.param("segment.analytics.client", segment_gzip, id="segment-gzip"),
        pytest.param("rudderstack.analytics.client", segment, id="rudderstack"),
        pytest.param("customerio.analytics.client", segment, id="customerio"),
        pytest.param("posthog", posthog, id="posthog"),
        pytest.param("mixpanel", mixpanel, id="mixpanel"),
        pytest.param("amplitude", amplitude, id="amplitude"),
        pytest.param("snowplow_tracker", snowplow, id="snowplow"),
    ],
)
def test_an_sdk_delivers_everything_once_through_lost_answers_and_waits(
    committed_tenants: tuple[TenantRef, TenantRef], live_server: LiveServer, module: str, tell: Tell
) -> None:
    client = pytest.importorskip(module, reason=f"{module} is {WAITS}")
    tenant, other = committed_tenants
    with proxy_before(live_server.url.removeprefix("http://")) as proxy:
        tell(client, create_key(tenant, ApiKey.Kind.INGEST, source="sdk"), proxy.url)
    assert proxy.faults == 2
    assert set(proxy.statuses) == {200}
    assert_told = assert_events_stored_once if tell is snowplow else assert_stored_once
    assert_told(tenant, other)
