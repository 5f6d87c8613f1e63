"""Paths of the tracking protocols; SDKs differ in the trailing slash. Browsers may call them from any page."""

from functools import partial
from typing import Final

from django.urls import URLPattern, re_path

from engage_server.ingest.cors import View, allow_cross_origin
from engage_server.ingest.protocols.registry import PROTOCOLS
from engage_server.ingest.views import track

CALLS: Final = "|".join(PROTOCOLS["segment"].kinds)
COLLECTOR: Final = r"^(?:(?P<path_key>eng_live_\w+)/)?"


def _view(name: str, **siblings: str) -> View:
    """The view of a protocol, and of those that share its paths, by a field that only their bodies have."""
    others = {field: PROTOCOLS[other] for field, other in siblings.items()}
    return allow_cross_origin(partial(track, protocol=PROTOCOLS[name], siblings=others))


segment, posthog, mixpanel = _view("segment"), _view("posthog"), _view("mixpanel")
amplitude, snowplow = _view("amplitude"), _view("snowplow")
posthog_or_amplitude = _view("posthog", events="amplitude")

urlpatterns: list[URLPattern] = [
    re_path(r"^v1/(?:batch|import|b)/?$", segment, name="ingest-batch"),
    re_path(rf"^v1/(?P<kind>{CALLS})/?$", segment, name="ingest-call"),
    # Segment's library for browsers calls them by their first letters.
    *[re_path(rf"^v1/{call[0]}/?$", segment, {"kind": call}) for call in PROTOCOLS["segment"].kinds],
    re_path(r"^batch/?$", posthog_or_amplitude, name="ingest-batch-by-shape"),
    re_path(r"^(?:capture|e|i/v0/e)/?$", posthog, name="ingest-posthog"),
    re_path(r"^(?P<kind>track|engage|groups|import)/?$", mixpanel, name="ingest-mixpanel"),
    re_path(r"^2/httpapi/?$", amplitude, name="ingest-amplitude"),
    re_path(rf"{COLLECTOR}com\.snowplowanalytics\.snowplow/tp2/?$", snowplow, name="ingest-snowplow"),
    re_path(rf"{COLLECTOR}i$", snowplow, name="ingest-snowplow-pixel"),
]
