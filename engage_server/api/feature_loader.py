"""Loads the features that a request's values are of, all of a page at once."""

from collections.abc import Iterable

from engage_server.activity.models import Feature


class FeatureLoader:
    """Remembers the features that a request has seen; works inside the tenant's scope."""

    def __init__(self) -> None:
        """None is announced yet."""
        self._expected: set[int] = set()
        self._found: dict[int, Feature | None] = {}

    def expect(self, ids: Iterable[int]) -> None:
        """Announce features by id, of which ``find`` may be asked one by one."""
        self._expected.update(ids)

    def find(self, pk: int) -> Feature | None:
        """The feature of an id; None where there is none any more."""
        if pk not in self._found:
            wanted = (self._expected | {pk}) - self._found.keys()
            rows = Feature.objects.in_bulk(wanted)
            self._found.update({id: rows.get(id) for id in wanted})
        return self._found[pk]
