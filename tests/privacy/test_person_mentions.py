"""Masking, quarantine, explanations and errors find the same mentions of a person in the same documents."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from engage_server.api.masking import Masker, each_text
from engage_server.customers.models import Person, PersonAlias
from engage_server.engine.erasure import scrub_errors
from engage_server.engine.models import Run
from engage_server.ingest.erasure import items_mentioning, remove_mentioning
from engage_server.ingest.models import QuarantinedItem
from engage_server.metrics.erasure import redact_values
from engage_server.privacy import erasure, requests
from engage_server.tenancy.scope import TenantRef, current_tenant, shared_scope, tenant_scope
from tests.metrics.values import remove, store
from tests.privacy.scenario import FIRST, noon

NAMES = ("ada-lovelace", "auth0|5f7c8ec7c33c", "Zoë-Müller", "bob")
MENTIONS: tuple[Any, ...] = (
    {"who": "ada-lovelace"}, {"ada-lovelace": 1}, ["x", [{"y": "ada-lovelace"}]], {"who": "ADA-LOVELACE"},
    {"note": "led by ada-lovelace, since May"}, {"url": "/u/ada-lovelace/edit?x"}, {"url": "q=ada%2Dlovelace"},
    {"url": "https://x.test/?to=%2Fu%2Fada%252Dlovelace"}, {"by": "auth0|5f7c8ec7c33c"}, {"by": "AUTH0|5F7C8EC7C33C"},
    {"by": "auth0%7C5f7c8ec7c33c"}, {"by": "said 'ada-lovelace'"}, {"name": "Zoë-Müller"},
    {"name": "Zoe\u0308-Mu\u0308ller"}, {"name": "by Zoë-Müller."}, {"who": "bob"}, {"who": "KeyError: 'bob'"},
    {"who": "bob!"}, {"url": "/50%25/ada-lovelace"},
)  # fmt: skip
OTHERS: tuple[Any, ...] = (
    {"who": "ada-lovelaces"}, {"who": "xada-lovelace"}, {"note": "ada, lovelace"}, {"by": "auth0 5f7c8ec7c33c"},
    {"name": "Zoe-Muller"}, {"who": "bobby"}, {"who": "bob_"}, {"x": [None, 1, True]}, {},
)  # fmt: skip


def masked(document: Any) -> bool:
    masker = Masker()
    each_text(document, masker.look)
    masker.learn()
    return "hidden person" in json.dumps(each_text(document, masker.mask))


def in_quarantine(document: Any) -> bool:
    QuarantinedItem.objects.create(
        source="web", code="x", message="", payload=json.dumps(document), received_at=noon(FIRST)
    )
    exported = list(items_mentioning(NAMES))
    removed = remove_mentioning(NAMES, after=0, limit=10).removed
    assert len(exported) == removed
    QuarantinedItem.objects.all().delete()
    return removed == 1


def in_quarantine_of_hashes_alone(document: Any) -> bool:
    for name in NAMES:
        requests.suppress(name)
    QuarantinedItem.objects.create(
        source="web", code="x", message="", payload=json.dumps(document), received_at=noon(FIRST)
    )
    removed = remove_mentioning((), after=0, limit=10).removed
    QuarantinedItem.objects.all().delete()
    return removed == 1


def in_explanations(document: Any) -> bool:
    found = set()
    part = {"key": "k", "label": "l", "value": 1, "points": 1, "weight": None, "n": 1, "note": document}
    for place in ({"contributions": [part]}, {"details": {"of": document}}):
        remove()
        store("mood.score", 1, **place)
        found.add(redact_values(NAMES).values == 1)
    (is_found,) = found
    return is_found


def in_errors(document: Any) -> bool:
    tenant_id = current_tenant().id
    with shared_scope():
        Run.objects.all().delete()
        run = Run.objects.create(
            tenant_id=tenant_id, plugin="nps", day=FIRST, scheduled_for=noon(FIRST), state="FAILED",
            error=f"ValueError: {json.dumps(document, ensure_ascii=False)}",
        )  # fmt: skip
    scrub_errors(NAMES)
    with shared_scope():
        run.refresh_from_db()
    return run.error.startswith("Erased")


@pytest.fixture
def known(acme: TenantRef) -> TenantRef:
    with tenant_scope(acme):
        for name in NAMES:
            person = Person.objects.create(external_id=name, traits={})
            PersonAlias.objects.create(alias=name, person=person, is_firm=True)
    return acme


@pytest.mark.parametrize(
    "asker", [masked, in_quarantine, in_quarantine_of_hashes_alone, in_explanations, in_errors]
)
def test_each_asker_finds_the_same_mentions_in_the_same_documents(known, asker: Callable[[Any], bool]):
    with tenant_scope(known):
        assert [document for document in MENTIONS if not asker(document)] == []
        assert [document for document in OTHERS if asker(document)] == []


def test_an_address_is_found_in_whatever_case_it_was_given_as_a_trait(acme, globex):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            Person.objects.create(external_id="u1", traits={"email": "Ada.King@X.test"})
            QuarantinedItem.objects.create(
                source="web",
                code="x",
                message="",
                payload='{"to": "ada.king@x.test"}',
                received_at=noon(FIRST),
            )
    with tenant_scope(acme):
        requests.request_erasure("u1")
        for request in erasure.pending_requests(acme):
            erasure.erase(request)
        assert not QuarantinedItem.objects.exists()
    with tenant_scope(globex):
        assert QuarantinedItem.objects.count() == 1
