"""A person who is suppressed while clients go on sending is taken in no more from that moment on."""

import itertools
import threading

from django.db import connections

from engage_server.activity.models import Event
from engage_server.ingest.privacy_filter import SUPPRESSED
from engage_server.privacy import erasure, requests
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.privacy.scenario import FIRST, dump_of, store, use

SENDERS = 3


def test_nothing_is_stored_after_the_suppression_whoever_is_sending(
    committed_tenants: tuple[TenantRef, TenantRef],
) -> None:
    tenant, other = committed_tenants
    store(other, use("m", "ada-lovelace", FIRST))
    under_way = threading.Barrier(SENDERS + 1)

    def send_until_refused(sender: int) -> None:
        try:
            for number in itertools.count():
                result = store(
                    tenant,
                    use(f"ada-{sender}-{number}", "ada-lovelace", FIRST),
                    use(f"bob-{sender}-{number}", "bob", FIRST),
                )
                if SUPPRESSED in result:
                    return
                if number == 0:
                    under_way.wait()
        finally:
            connections.close_all()

    senders = [threading.Thread(target=send_until_refused, args=(sender,)) for sender in range(SENDERS)]
    for sender in senders:
        sender.start()
    under_way.wait()
    with tenant_scope(tenant):
        asked = requests.request_erasure("ada-lovelace")
        stored = Event.objects.filter(message_id__startswith="ada").count()
    for sender in senders:
        sender.join()
    with tenant_scope(tenant):
        assert Event.objects.filter(message_id__startswith="ada").count() == stored
        erasure.erase(asked.id)
        assert Event.objects.filter(message_id__startswith="bob").count() >= SENDERS
    assert "ada-" not in dump_of(tenant)
    assert "ada-lovelace" in dump_of(other)
