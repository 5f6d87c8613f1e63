"""Values of segments for one request: stored ones where the segment is tracked, else computed now, once for a plugin."""

from datetime import date, datetime, timedelta
from typing import Final

from engage_server.access.principal import Principal
from engage_server.api.query_budget import QueryBudget
from engage_server.api.restricted_reader import RestrictedMetricReader
from engage_server.engine.questions import of_segment
from engage_server.sdk import Subject
from engage_server.sdk.graphql import StoredValue

SEGMENT: Final = "segment"
POINTS: Final = 400  # of a plugin that is computed now, beside what the query itself costs


class SegmentValues:
    """What a principal may see of segments' values; remembers what it has computed."""

    def __init__(self, principal: Principal, reader: RestrictedMetricReader) -> None:
        self._principal = principal
        self._reader = reader
        self._computed: dict[tuple[str, int, date], dict[str, StoredValue]] = {}

    def value(self, metric: str, segment: int, on: date | None) -> StoredValue | None:
        """The segment's value of a metric on a day; default: the newest, or yesterday's where none is stored.

        Raises:
            RateLimitedError: it has to be computed, and the principal's budget does not allow it now.
            NotSliceableError, BeyondRetentionError, PluginFailedError: it cannot be computed.
        """
        stored = self._reader.latest(metric, Subject(SEGMENT, segment), on)
        if stored is not None:
            return stored
        plugin_id = metric.partition(".")[0]
        day = on or datetime.now(self._principal.tenant.zone).date() - timedelta(days=1)
        key = (plugin_id, segment, day)
        if key not in self._computed:
            QueryBudget(self._principal).spend(POINTS)
            self._computed[key] = of_segment(plugin_id, segment, day)
        found = self._computed[key].get(metric)
        return None if found is None else self._reader.restricted([found])[0]
