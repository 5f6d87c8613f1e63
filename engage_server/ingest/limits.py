"""Limits of what may come in over HTTP. The SDKs' own limits lie below them (Segment 32 kB a message, 475 kB a batch)."""

from typing import Final

MAX_BODY_BYTES: Final = 5 * 1024 * 1024  # after gunzip; PostHog's and RudderStack's SDKs send as much
MAX_ITEM_BYTES: Final = 32 * 1024
MAX_GZIP_RATIO: Final = 200  # events that repeat each other reach about 50
MIN_GZIP_ALLOWANCE_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 32
MAX_NUMBER: Final = 10**308  # what a double can hold, hence any client can read back
MAX_ID_LENGTH: Final = 200
MAX_NAME_LENGTH: Final = 200
MAX_TRAITS: Final = 500  # of one call
RETRY_AFTER_S: Final = 5

# Of each process. One writer takes along what came meanwhile, which costs a tenth less processor time than two; and
# the processes' writers commit in parallel, which PostgreSQL does together.
WRITERS: Final = 1
MAX_WAITING: Final = 32
MAX_TOGETHER: Final = 5_000  # raw items in one transaction, unless a single request has more
PATIENCE_S: Final = 2.0  # for which no turn has ended: then who waits is sent away
BUSY_RETRY_AFTER_S: Final = 1
