"""What one client may take of the front: bytes, time, threads and connections."""

from typing import Final

# A body must have come at this rate on average once the grace is over, and as a whole by the deadline.
GRACE_S: Final = 5.0
LEAST_BYTES_PER_S: Final = 10_000
DEADLINE_S: Final = 60.0
# Received in one piece, since the grace alone is their deadline.
SMALL_BODY_BYTES: Final = 48 * 1024
# Bodies that a process holds at once, from their first byte to the answer.
VERIFIED_BYTES: Final = 96 * 1024 * 1024
UNVERIFIED_BYTES: Final = 24 * 1024 * 1024

# What is left of a refused body is read for so long, that the client hears the answer instead of a reset.
DRAIN_S: Final = 10.0
DRAIN_BYTES: Final = 16 * 1024 * 1024

MAX_WAITING_IN_LANE: Final = 128
LANE_PATIENCE_S: Final = 5.0
BUSY_RETRY_AFTER_S: Final = 1

# Connections that last, WebSockets and streams of events: below those that a process takes, so that there is always room
# for requests. Those who have not said who they are have few, and seconds.
MOST_KEPT_CONNECTIONS: Final = 800
MOST_KEPT_CONNECTIONS_OF_A_TENANT: Final = 250
MOST_UNKNOWN_CONNECTIONS: Final = 150
MOST_SUBSCRIPTIONS: Final = 800
MOST_SUBSCRIPTIONS_OF_A_TENANT: Final = 250
LOOK_EVERY_S: Final = 0.5
LOOK_FOR_EVENTS_EVERY_S: Final = 1.0
KEEP_ALIVE_EVERY_S: Final = 15.0
ANSWERS_AT_ONCE: Final = 4  # of a tenant's subscriptions
INIT_WITHIN_S: Final = 5.0  # of a WebSocket: until it has said who it is
IDLE_FOR_S: Final = 60.0  # of a WebSocket: without an operation
LAST_WORDS_WITHIN_S: Final = 2.0  # of a WebSocket: when the server goes away
CLOSED_WITHIN_S: Final = LAST_WORDS_WITHIN_S + 2.0  # all WebSockets, when the server goes away
MOST_OPERATIONS_OF_A_CONNECTION: Final = 50
