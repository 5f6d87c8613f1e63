"""The road of a request from the view to the store is short: it hardly ever comes back to a module that it left."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from types import FrameType
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.ingest.conftest import basic
from tests.ingest.protocols.bodies import ITEMS, PATHS, one_event

INGEST = "engage_server.ingest."
STORES = {f"{INGEST}known_batch", f"{INGEST}store"}


@contextmanager
def route() -> Iterator[list[str]]:
    """The modules that calls enter from the view on, until the store is reached; runs inside one module count once."""
    entered: list[str] = []
    stays: list[str] = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        module = frame.f_globals.get("__name__", "")
        is_on_the_way = entered or module.endswith(".views")
        if (
            event == "call"
            and module.startswith(INGEST)
            and is_on_the_way
            and STORES.isdisjoint(entered[-1:])
        ):
            entered.append(module)

    sys.setprofile(note)
    try:
        yield stays
    finally:
        sys.setprofile(None)
        stays += [module.removeprefix(INGEST) for module, _ in groupby(entered)]


def returns(stays: list[str]) -> int:
    """How often the road comes back to a module that it had left."""
    return len(stays) - len(set(stays))


@pytest.fixture
def travel(key: str) -> Callable[..., list[str]]:
    """The road of a request of one event whose person and name are known; ``pytest -s`` shows it."""

    def send(
        protocol: str, number: int, headers: Mapping[str, str], fields: Mapping[str, Any]
    ) -> HttpResponse:
        body = json.dumps(one_event(protocol, key)).replace('"m"', f'"m{number}"')
        if fields:
            item = ITEMS[protocol](key) | {"messageId": f"m{number}"} | fields
            body = json.dumps({"writeKey": key, "batch": [item]})
        return Client().post(PATHS[protocol], body, content_type="application/json", headers=headers)

    def travelled(protocol: str, *, in_header: bool, **fields: Any) -> list[str]:
        headers = {"Authorization": basic(key)} if in_header else {}
        for number in range(2):
            assert send(protocol, number, headers, fields).status_code == 200
        with route() as stays:
            response = send(protocol, 2, headers, fields)
        assert response.status_code == 200
        place = "header" if in_header else "body"
        sys.stdout.write(f"\n{protocol}, key in the {place}: {len(stays)} stays, {returns(stays)} returns\n")
        sys.stdout.write(f"  {' > '.join(stays)}\n")
        return stays

    return travelled


PLAIN = {"timestamp": "2026-03-01T12:00:00Z", "properties": {"rows": 1}}


def test_a_plain_batch_of_segment_makes_at_most_16_stays_and_3_returns(travel) -> None:
    stays = travel("segment", in_header=True, **PLAIN)
    assert stays[0] == "views"
    assert stays[-1] in {"known_batch", "store"}
    assert len(stays) <= 16
    assert returns(stays) <= 3


def test_a_key_in_the_body_costs_its_own_stays_alone(travel) -> None:
    by_header, by_body = (travel("segment", in_header=in_header, **PLAIN) for in_header in (True, False))
    assert len(by_body) <= len(by_header) + 4


@pytest.mark.parametrize("protocol", PATHS)
def test_every_protocol_goes_by_the_same_view_to_the_same_store(travel, protocol: str) -> None:
    stays = travel(protocol, in_header=True)
    assert stays[:3] == ["views", "keys", "request_body"]
    assert stays[-1] in {"known_batch", "store"}
