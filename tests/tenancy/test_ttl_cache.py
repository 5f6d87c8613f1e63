"""What is kept for a few seconds is bounded, ends, is dropped by tenant, and never outlives its invalidation."""

import re
from pathlib import Path

import pytest

import engage_server
from engage_server.tenancy import ttl_cache
from engage_server.tenancy.tenant_cache import invalidate_tenant
from engage_server.tenancy.ttl_cache import TTL_S, TtlCache

ACME, GLOBEX = 1, 2


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr(ttl_cache.time, "monotonic", lambda: now[0])
    return now


def unexpected() -> tuple[int, str]:
    raise AssertionError("It was loaded again.")


def test_beyond_the_capacity_the_oldest_goes():
    cache = TtlCache(capacity=3)
    for number in [*range(5), 3, 5]:
        assert cache.get_or_load(number, lambda number=number: (ACME, number * 2)) == number * 2
        assert len(cache) <= 3
    assert [cache.peek(number) for number in range(6)] == [None, None, None, 6, 8, 10]
    cache.load(3, lambda: (ACME, 7))
    cache.load(6, lambda: (ACME, 12))
    assert [cache.peek(number) for number in (3, 4, 5, 6)] == [7, None, 10, 12]


def test_a_value_lives_from_before_it_was_asked_for(clock):
    cache = TtlCache(capacity=3)

    def load_slowly() -> tuple[int, str]:
        clock[0] += 1.0
        return ACME, "slow"

    cache.get_or_load("key", load_slowly)
    clock[0] += TTL_S - 1.5
    assert cache.get_or_load("key", unexpected) == cache.peek("key") == "slow"
    clock[0] += 0.5
    assert cache.peek("key") is None
    assert cache.get_or_load("key", lambda: (ACME, "new")) == "new"


def test_an_error_is_not_kept():
    cache = TtlCache(capacity=3)
    with pytest.raises(AssertionError):
        cache.get_or_load("key", unexpected)
    assert cache.get_or_load("key", lambda: (ACME, "value")) == "value"


def test_invalidation_drops_one_tenant_s_values_in_every_cache():
    caches = [TtlCache(capacity=3), TtlCache(capacity=3)]
    for cache in caches:
        cache.load("a", lambda: (ACME, "of acme"))
        cache.load("g", lambda: (GLOBEX, "of globex"))
    invalidate_tenant(ACME)
    for cache in caches:
        assert (cache.peek("a"), cache.peek("g")) == (None, "of globex")


def test_what_was_read_before_an_invalidation_is_not_kept_after_it():
    cache = TtlCache(capacity=3)

    def load_while_it_changes() -> tuple[int, str]:
        invalidate_tenant(ACME)
        return ACME, "before the change"

    assert cache.get_or_load("key", load_while_it_changes) == "before the change"
    assert cache.peek("key") is None


def test_the_server_has_one_cache_that_expires():
    """A module that compares the clock with a moment kept beside a value has a cache of its own.

    Tokens of foreign tools are none: each lives as long as its giver says.
    """
    package = Path(engage_server.__file__).parent
    expiring = re.compile(r"monotonic\(\) [<>]=? \w+(\[\d\]|\.until)|\bcache\.set\(")
    assert {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if expiring.search(path.read_text(encoding="utf-8"))
    } == {"tenancy/ttl_cache.py", "automation/bearer_tokens.py"}
