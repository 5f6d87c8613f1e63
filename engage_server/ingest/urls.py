"""Paths of the tracking protocols; SDKs differ in the trailing slash. Browsers may call them from any page."""

from functools import partial
from typing import Final

from django.urls import URLPattern, re_path

from engage_server.ingest.cors import allow_cross_origin
from engage_server.ingest.exchange import exchange
from engage_server.ingest.protocols.amplitude import AMPLITUDE
from engage_server.ingest.protocols.mixpanel import MIXPANEL
from engage_server.ingest.protocols.posthog import POSTHOG
from engage_server.ingest.protocols.segment.translation import TRANSLATORS
from engage_server.ingest.protocols.snowplow import SNOWPLOW
from engage_server.ingest.views import segment

CALLS: Final = "|".join(TRANSLATORS)
COLLECTOR: Final = r"^(?:(?P<path_key>eng_live_\w+)/)?"

segment_view = allow_cross_origin(segment)
# PostHog and Amplitude share /batch; Amplitude's body has events.
posthog_or_amplitude = allow_cross_origin(partial(exchange, dialect=POSTHOG, others={"events": AMPLITUDE}))
posthog = allow_cross_origin(partial(exchange, dialect=POSTHOG))
mixpanel = allow_cross_origin(partial(exchange, dialect=MIXPANEL))
amplitude = allow_cross_origin(partial(exchange, dialect=AMPLITUDE))
snowplow = allow_cross_origin(partial(exchange, dialect=SNOWPLOW))

urlpatterns: list[URLPattern] = [
    re_path(r"^v1/(?:batch|import|b)/?$", segment_view, name="ingest-batch"),
    re_path(rf"^v1/(?P<kind>{CALLS})/?$", segment_view, name="ingest-call"),
    # Segment's library for browsers calls them by their first letters.
    *[re_path(rf"^v1/{call[0]}/?$", segment_view, {"kind": call}) for call in TRANSLATORS],
    re_path(r"^batch/?$", posthog_or_amplitude, name="ingest-batch-by-shape"),
    re_path(r"^(?:capture|e|i/v0/e)/?$", posthog, name="ingest-posthog"),
    re_path(r"^(?P<kind>track|engage|groups|import)/?$", mixpanel, name="ingest-mixpanel"),
    re_path(r"^2/httpapi/?$", amplitude, name="ingest-amplitude"),
    re_path(rf"{COLLECTOR}com\.snowplowanalytics\.snowplow/tp2/?$", snowplow, name="ingest-snowplow"),
    re_path(rf"{COLLECTOR}i$", snowplow, name="ingest-snowplow-pixel"),
]
