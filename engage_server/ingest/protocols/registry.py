"""Every protocol's translation by name, for items that are read again from quarantine."""

from collections.abc import Mapping
from typing import Final

from engage_server.ingest.items import Item
from engage_server.ingest.protocols.amplitude import AMPLITUDE
from engage_server.ingest.protocols.base import Delivery, Translate
from engage_server.ingest.protocols.mixpanel import MIXPANEL
from engage_server.ingest.protocols.posthog import POSTHOG
from engage_server.ingest.protocols.segment import translation as segment
from engage_server.ingest.protocols.snowplow import SNOWPLOW
from engage_server.ingest.quarantine.store import SEGMENT


def _segment(raw: bytes, delivery: Delivery) -> list[Item]:
    return segment.translate(
        raw,
        segment.Delivery(
            delivery.received_at,
            delivery.source,
            sent_at=delivery.sent_at,
            kind=delivery.kind,
            conventions=delivery.conventions,
        ),
    )


TRANSLATIONS: Final[Mapping[str, Translate]] = {
    SEGMENT: _segment,
    **{dialect.protocol: dialect.translate for dialect in (POSTHOG, MIXPANEL, AMPLITUDE, SNOWPLOW)},
}
