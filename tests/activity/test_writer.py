import json
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.activity.dictionary import NameUse, resolve_event_names, resolve_source
from engage_server.activity.models import Event, EventName
from engage_server.activity.writer import EventRow, write_events
from engage_server.tenancy.scope import TenantRef, tenant_scope

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


def row(message_id: str, properties: str = "{}", digest: int = 1) -> EventRow:
    return EventRow(message_id, digest, 1, None, None, NOON, NOON, properties)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXT, min_size=1, max_size=5, unique=True))
def test_any_text_comes_out_as_it_went_in(acme: TenantRef, texts: list[str]) -> None:
    rows = {text: row(text, json.dumps({"k": text, text: 1}, ensure_ascii=False)) for text in texts}
    with tenant_scope(acme):
        Event.objects.all().delete()
        assert write_events(1, rows) == {}
        stored = dict(Event.objects.values_list("message_id", "properties"))
    assert stored == {text: {"k": text} | {text: 1} for text in texts}


def test_stored_ids_come_back_with_their_digests_and_the_rest_is_written(acme: TenantRef) -> None:
    with tenant_scope(acme):
        write_events(1, {"a": row("a", digest=-(2**63)), "b": row("b", digest=2**63 - 1)})
        assert write_events(1, {name: row(name) for name in "abc"}) == {"a": -(2**63), "b": 2**63 - 1}
        assert Event.objects.count() == 3


def test_times_keep_their_microseconds(acme: TenantRef) -> None:
    with tenant_scope(acme):
        write_events(1, {"a": row("a")})
        assert Event.objects.get().occurred_at == NOON


def test_the_same_event_in_two_tenants_is_written_to_both(acme: TenantRef, globex: TenantRef) -> None:
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            assert not Event.objects.exists()
            assert write_events(1, {"a": row("a")}) == {}


def test_dictionaries_of_two_tenants_are_apart(acme: TenantRef, globex: TenantRef) -> None:
    with tenant_scope(acme):
        assert resolve_source("web") == resolve_source("web") != resolve_source("file")
        resolve_event_names({"Exported": NameUse(), "Seen": NameUse(passive=True)})
    with tenant_scope(globex):
        assert not EventName.objects.exists()
        resolve_event_names({"Exported": NameUse(passive=True, feature="Export")})
        assert EventName.objects.get().feature.name == "Export"
    with tenant_scope(acme):
        assert EventName.objects.get(name="Exported").event_class == "VALUE"
        assert EventName.objects.get(name="Seen").feature is None
