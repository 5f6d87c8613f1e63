"""The tracking protocols by name, for paths, and for items that are read again from files and from the quarantine."""

from collections.abc import Mapping
from typing import Final

from engage_server.ingest.protocols.amplitude import AMPLITUDE
from engage_server.ingest.protocols.base import TrackingProtocol, Translate
from engage_server.ingest.protocols.mixpanel import MIXPANEL
from engage_server.ingest.protocols.posthog import POSTHOG
from engage_server.ingest.protocols.segment.protocol import SEGMENT
from engage_server.ingest.protocols.snowplow import SNOWPLOW

PROTOCOLS: Final[Mapping[str, TrackingProtocol]] = {
    protocol.name: protocol for protocol in (SEGMENT, POSTHOG, MIXPANEL, AMPLITUDE, SNOWPLOW)
}
TRANSLATIONS: Final[Mapping[str, Translate]] = {
    name: protocol.translate for name, protocol in PROTOCOLS.items()
}
