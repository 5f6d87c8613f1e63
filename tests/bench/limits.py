"""How long hostile requests take to be refused, each of ``tests.api.attacks``, and fields take by what they cost.

Both from request to answer in one thread; fields on the tenant of ``tests.api.heavy``.
"""

import logging
import time
from typing import Final

from django.conf import settings
from django.test import Client

from engage_server.operations.tenants import onboard
from tests.api.attacks import ATTACKS, Attack
from tests.api.heavy import MS_A_POINT, fill, prices
from tests.bench.harness import Figure

GOAL_MS: Final = 50


def run(*, quick: bool) -> list[Figure]:
    """The best of some rounds by attack, the slowest first; a usual query and the worst of all stand above."""
    made = onboard(slug="acme", name="Acme", domain="acme.localhost", timezone="UTC")
    onboard(slug="globex", name="Globex", domain="globex.localhost", timezone="UTC")
    logging.getLogger("django.request").setLevel(logging.ERROR)  # each refusal is a line there
    settings.ENGAGE_QUERY_POINTS = 0  # no limit, or the later attacks would be refused for the earlier ones
    rounds = 5 if quick else 31
    usual = Attack(b'{"query": "{ tenant { slug } }"}')
    _milliseconds(usual, made.query_key)  # builds the schema
    times = {
        name: min(_milliseconds(attack, made.query_key) for _ in range(rounds))
        for name, attack in ATTACKS.items()
    }
    slowest = sorted(times, key=lambda name: -times[name])
    return [
        Figure("limits.usual_ms", min(_milliseconds(usual, made.query_key) for _ in range(rounds)), "ms"),
        Figure("limits.slowest_ms", max(times.values()), "ms", GOAL_MS, "lower"),
        *(Figure(f"limits: {name}", times[name], "ms", GOAL_MS, "lower") for name in slowest),
        *_prices(),
    ]


def _prices() -> list[Figure]:
    """Milliseconds of each root field on a tenant with much of everything, those that come nearest to their price first."""
    tenant = onboard(slug="initech", name="Initech", domain="initech.localhost", timezone="UTC").tenant
    fill(tenant)
    found = sorted(prices(tenant), key=lambda price: -price.wall_ms / price.points)
    return [
        Figure(f"price: {price.label}", price.wall_ms, "ms", MS_A_POINT * price.points, "lower")
        for price in found
    ]


def _milliseconds(attack: Attack, key: str) -> float:
    headers = {"host": "acme.localhost", "authorization": f"Bearer {key}", **attack.headers}
    began = time.perf_counter()
    Client().generic(
        attack.method, attack.path, attack.body, content_type=attack.content_type, headers=headers
    )
    return 1000 * (time.perf_counter() - began)
