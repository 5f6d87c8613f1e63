"""How many connections that last a process keeps: for each tenant, for those who have not said who they are, for all."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from engage_server.front.exceptions import CrowdedError
from engage_server.front.limits import (
    MOST_KEPT_CONNECTIONS,
    MOST_KEPT_CONNECTIONS_OF_A_TENANT,
    MOST_UNKNOWN_CONNECTIONS,
)


class Place:
    """The place of one connection among those that are kept."""

    __slots__ = ("_connections", "tenant")

    def __init__(self, connections: "Connections") -> None:
        self._connections: Final = connections
        self.tenant: int | None = None

    def give_to(self, tenant: int) -> None:
        """Count it as the tenant's from now on, who has said so.

        Raises:
            CrowdedError: the tenant has as many as it may.
        """
        self._connections.move(self, tenant)


class Connections:
    """Counts WebSockets and streams of events, so that there is always room for requests; used from the event loop alone."""

    def __init__(self) -> None:
        self._held: Final[Counter[int | None]] = Counter()

    @contextmanager
    def place(self) -> Iterator[Place]:
        """A place of somebody of whom it is not known yet who that is, held while the block runs.

        Raises:
            CrowdedError: there is none.
        """
        if self._held.total() >= MOST_KEPT_CONNECTIONS or self._held[None] >= MOST_UNKNOWN_CONNECTIONS:
            raise CrowdedError("This process keeps as many connections as it may.")
        place = Place(self)
        self._held[None] += 1
        try:
            yield place
        finally:
            self._leave(place.tenant)

    def move(self, place: Place, tenant: int) -> None:
        """Count a place as the tenant's.

        Raises:
            CrowdedError: the tenant has as many as it may.
        """
        if self._held[tenant] >= MOST_KEPT_CONNECTIONS_OF_A_TENANT:
            raise CrowdedError("This process keeps as many connections of this tenant as it may.")
        self._held[tenant] += 1
        self._leave(place.tenant)
        place.tenant = tenant

    def _leave(self, tenant: int | None) -> None:
        self._held[tenant] -= 1
        if not self._held[tenant]:
            del self._held[tenant]
