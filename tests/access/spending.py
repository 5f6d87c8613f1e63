"""A process that spends as fast as it can: ``python -m tests.access.spending TENANT CAPACITY PER_SECOND``.

Says ``ready``, reads two times (seconds since 1970), and says how much it was granted between them, how much it asked
for, and when it was granted something last.
"""

import sys
import time

import django

django.setup()

from engage_server.access.exceptions import BudgetSpentError  # noqa: E402  # likewise
from engage_server.access.rate_limiter import spend  # noqa: E402  # needs the apps to be loaded
from engage_server.access.token_bucket import Budget  # noqa: E402  # likewise

AMOUNT = 10  # events of a request


def main(tenant: int, capacity: int, per_second: int) -> None:
    spend(tenant, [Budget("warming up", "tenant", capacity=1_000)], 1)
    print("ready", flush=True)  # noqa: T201  # what the caller reads
    begin, end = map(float, sys.stdin.readline().split())
    budget = Budget("events", "tenant", capacity=capacity, per_second=per_second)
    granted = tried = 0
    last = begin
    time.sleep(max(0.0, begin - time.time()))
    while time.time() < end:
        tried += AMOUNT
        try:
            spend(tenant, [budget], AMOUNT)
        except BudgetSpentError:
            continue
        granted += AMOUNT
        last = time.time()
    print(granted, tried, last)  # noqa: T201  # likewise


main(*map(int, sys.argv[1:4]))
