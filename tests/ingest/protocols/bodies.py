"""One event in each protocol, and the raw items that a generator may put in its place."""

from collections.abc import Callable, Sequence
from typing import Any, Final

PATHS: Final = {
    "segment": "/v1/batch",
    "posthog": "/batch/",
    "mixpanel": "/track?verbose=1",
    "amplitude": "/2/httpapi",
    "snowplow": "/com.snowplowanalytics.snowplow/tp2",
}
ITEMS: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    "segment": lambda key: {"type": "track", "messageId": "m", "userId": "ada", "event": "Report Exported"},
    "posthog": lambda key: {"event": "Report Exported", "uuid": "m", "distinct_id": "ada", "properties": {}},
    "mixpanel": lambda key: {
        "event": "Report Exported",
        "properties": {"token": key, "distinct_id": "ada", "$insert_id": "m", "time": 1772366400},
    },
    "amplitude": lambda key: {"event_type": "Report Exported", "insert_id": "m", "user_id": "ada"},
    "snowplow": lambda key: {"e": "se", "se_ac": "Report Exported", "eid": "m", "uid": "ada", "aid": key},
}
FIELDS: Final = {
    "segment": "type messageId userId anonymousId groupId event properties traits context timestamp",
    "posthog": "event uuid distinct_id properties timestamp offset $set $set_once",
    "mixpanel": "event properties $token $distinct_id $set",
    "amplitude": "event_type insert_id user_id device_id time event_properties user_properties groups",
    "snowplow": "e eid uid duid dtm stm ttm se_ac ue_pr ue_px co cx aid",
}
# What each protocol looks for among properties.
BAG: Final = (
    "token distinct_id time $insert_id $user_id $device_id alias company $groups $group_type $group_key $group_set "
    "$set $set_once $unset $add $distinct_ids $anon_distinct_id $is_identified score instrument scale_min scale_max"
)


def batch(protocol: str, key: str, items: Sequence[bytes]) -> bytes:
    """A body with these raw items, whatever they are."""
    array = b"[" + b",".join(items) + b"]"
    text = key.encode()
    return {
        "segment": b'{"writeKey":"' + text + b'","batch":' + array + b"}",
        "posthog": b'{"api_key":"' + text + b'","batch":' + array + b"}",
        "mixpanel": array,
        "amplitude": b'{"api_key":"' + text + b'","events":' + array + b"}",
        "snowplow": b'{"schema":"s","data":' + array + b"}",
    }[protocol]


def one_event(protocol: str, key: str) -> Any:
    """A batch of one good event, as an object."""
    item = ITEMS[protocol](key)
    return {
        "segment": {"writeKey": key, "batch": [item]},
        "posthog": {"api_key": key, "batch": [item]},
        "mixpanel": [item],
        "amplitude": {"api_key": key, "events": [item]},
        "snowplow": {"schema": "s", "data": [item]},
    }[protocol]
