"""Ends requests in time: a statement runs for five seconds at most, and none begins when five are over."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection

from engage_server.api.exceptions import RequestTimeoutError

REQUEST_S: Final = 10.0
STATEMENT_TIMEOUT_MS: Final = 5_000
# Those that put a failed transaction in order must run however late it is.
ORDERING: Final = ("ROLLBACK", "RELEASE", "SAVEPOINT")


@contextmanager
def within_time() -> Iterator[None]:
    """Refuse the block's statements that could end after ``REQUEST_S`` seconds.

    What a query may cost bounds the time between its statements; the statements themselves have their own limit.
    """
    last_start = time.monotonic() + REQUEST_S - STATEMENT_TIMEOUT_MS / 1_000

    def watch(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if time.monotonic() > last_start and not (isinstance(sql, str) and sql.startswith(ORDERING)):
            raise RequestTimeoutError("The query took too long. Remedy: ask for less in one request.")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
