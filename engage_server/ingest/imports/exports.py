"""What other tools give out when they export events, put into the words of their tracking protocol.

An export then takes the protocol's own path: the same identities, accounts, traits and message ids, so that what was
tracked live under the same source is not stored a second time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from engage_server.ingest.exceptions import ItemError

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExportShape:
    """One tool's export of events: a JSON object a line.

    ``protocol`` and ``kind`` name the translation; ``as_sent`` puts a line into the form that its clients send.
    """

    protocol: str
    title: str
    as_sent: Callable[[Record], Record]
    kind: str = ""


def _mixpanel(record: Record) -> Record:
    return record


def _posthog(record: Record) -> Record:
    """Batch exports and the API; the former may give properties as JSON text, the latter calls the uuid id."""
    bag = record.get("properties")
    if isinstance(bag, str):
        try:
            bag = msgspec.json.decode(bag)
        except msgspec.DecodeError:
            raise ItemError("invalid_json", "`properties` is a text, but no JSON.") from None
    sent = {name: record[name] for name in ("event", "distinct_id", "timestamp") if name in record}
    return {**sent, "properties": bag or {}, "uuid": record.get("uuid") or record.get("id")}


def _amplitude(record: Record) -> Record:
    """The Export API: times are texts in UTC without a zone, the insert id bears a dollar."""
    names = (
        "event_type",
        "user_id",
        "device_id",
        "event_properties",
        "user_properties",
        "groups",
        "group_properties",
    )
    sent = {name: record[name] for name in names if record.get(name) is not None}
    text = record.get("event_time")
    return {
        **sent,
        "insert_id": record.get("$insert_id") or record.get("uuid"),
        "time": None if text is None else _milliseconds(text),
    }


def _milliseconds(text: Any) -> int:
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise ItemError(
            "invalid_timestamp", f"event_time {str(text)[:60]!r} is no time, e.g. 2026-01-31 12:00:00.000."
        ) from None
    return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)


SHAPES: Final[Mapping[str, ExportShape]] = {
    "amplitude": ExportShape("amplitude", "the unpacked files of the Export API", _amplitude),
    "mixpanel": ExportShape("mixpanel", "the raw data of /api/2.0/export", _mixpanel, kind="import"),
    "posthog": ExportShape("posthog", "a batch export as JSON lines, or events of the API", _posthog),
}


def table() -> str:
    """The shapes as text, for ``--help``."""
    return "\n".join(f"  {name:<17}{shape.title}" for name, shape in SHAPES.items())
