"""Limits of what may come in over HTTP. The SDKs' own limits lie below them (Segment 32 kB a message, 475 kB a batch)."""

from typing import Final

MAX_BODY_BYTES: Final = 5 * 1024 * 1024  # after gunzip; PostHog's and RudderStack's SDKs send as much
MAX_ITEMS: Final = (
    5_000  # of a request; Mixpanel's and Amplitude's SDKs send up to 2,000, Segment's what 475 kB hold
)
MAX_TOKENS: Final = 1_000_000  # looked at in a body that is no JSON, to save the items that are
MAX_ITEM_BYTES: Final = 32 * 1024
MAX_GZIP_RATIO: Final = 200  # events that repeat each other reach about 50
MIN_GZIP_ALLOWANCE_BYTES: Final = 64 * 1024
MAX_GZIP_MEMBERS: Final = 100
# Of a form, whose unpacking takes far longer than that of JSON; Mixpanel's SDKs send 50 events in one.
MAX_FORM_BYTES: Final = 512 * 1024
# Where no header and no address bears the key, it is looked for so far from either end of the body, and among so many.
KEY_WITHIN_BYTES: Final = 64 * 1024
MAX_KEYS_TRIED: Final = 4
MAX_DEPTH: Final = 32
MAX_NUMBER: Final = 10**308  # what a double can hold, hence any client can read back
MAX_ID_LENGTH: Final = 200
MAX_NAME_LENGTH: Final = 200
MAX_TRAITS: Final = 500  # of one call
RETRY_AFTER_S: Final = 5

MAX_REJECTS_LISTED: Final = 500  # in an answer
MAX_TEXT_LISTED: Final = 300  # characters of a reject's message there
KEPT_AT_ONCE: Final = 500  # rejects that one statement puts into quarantine

# Of each tenant in each process. A second one writes while the first waits for the disk, which is half of a turn; but
# only with so many items that its transaction costs them little: two that take what there is cost a tenth more.
WRITERS: Final = 2
LEAST_BESIDE: Final = 800
MAX_WAITING: Final = 32
MAX_TOGETHER: Final = 5_000  # raw items in one transaction, unless a single request has more
PATIENCE_S: Final = 2.0  # for which no turn has ended: then who waits is sent away
BUSY_RETRY_AFTER_S: Final = 1
