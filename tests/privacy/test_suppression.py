"""Nothing of a suppressed person comes in by any way, and nothing of it is kept anywhere."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from engage_server.activity.models import Event
from engage_server.api.account_loader import AccountLoader
from engage_server.api.person_loader import PersonLoader
from engage_server.audit import log
from engage_server.customers.models import Membership, Person, PersonAlias
from engage_server.ingest.items import AliasItem, MembershipItem, PersonItem, PersonKey
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.quarantine.replay import replay
from engage_server.ingest.quarantine.store import find_items
from engage_server.metrics.reader import StoredMetricReader
from engage_server.privacy import erasure, requests
from engage_server.suppression import hashing, register
from engage_server.suppression.exceptions import UnknownPrivacyKeyError
from engage_server.suppression.models import SuppressedName
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.privacy.scenario import FIRST, dump_of, dump_of_shared, noon, send, store, use

ADA = PersonKey(user_id="ada-lovelace", anonymous_id="device-of-ada")
TRACK = {"type": "track", "event": "Saved", "timestamp": "2026-06-01T12:00:00Z"}


@pytest.fixture
def known(acme: TenantRef, globex: TenantRef) -> TenantRef:
    """Ada in two tenants, with a device and a former name."""
    for tenant in (acme, globex):
        store(
            tenant,
            PersonItem(ADA, occurred_at=noon(FIRST)),
            AliasItem("former-ada", "ada-lovelace"),
            MembershipItem(PersonKey(user_id="ada-lovelace"), "acct", noon(FIRST)),
            use("bob-1", "bob", FIRST),
        )
    return acme


def suppress(tenant: TenantRef, name: str) -> requests.Receipt:
    with tenant_scope(tenant):
        return requests.suppress(name)


def codes(receipt) -> list[str]:
    return [reject.code for reject in receipt.rejected]


@pytest.mark.parametrize(
    "call",
    [
        {**TRACK, "userId": "ada-lovelace"},
        {**TRACK, "userId": "ada-lovelace", "anonymousId": "new-device"},
        {**TRACK, "anonymousId": "device-of-ada"},
        {**TRACK, "userId": "former-ada"},
        {**TRACK, "type": "page", "userId": "ada-lovelace"},
        {"type": "identify", "userId": "ada-lovelace", "traits": {"email": "ada@x.test"}},
        {"type": "alias", "previousId": "device-of-ada", "userId": "somebody-new"},
        {"type": "alias", "previousId": "somebody-new", "userId": "ada-lovelace"},
        {
            **TRACK,
            "event": "Survey Answered",
            "userId": "ada-lovelace",
            "properties": {"instrument": "nps", "scale_min": 0, "scale_max": 10, "score": 3, "text": "me"},
        },
    ],
    ids=lambda call: "-".join(str(value) for key, value in call.items() if key != "properties"),
)
def test_every_call_under_any_name_of_a_suppressed_person_is_refused_and_kept_nowhere(known, globex, call):
    suppress(known, "former-ada")
    before = dump_of(known)
    refused = send(known, {**call, "messageId": "told-afterwards"})
    assert (codes(refused), refused.accepted) == (["suppressed"], 0)
    assert dump_of(known) == before
    assert send(globex, {**call, "messageId": "told-afterwards"}).rejected == ()


def test_who_was_known_to_the_process_a_moment_ago_is_refused_at_once(known):
    assert send(known, {**TRACK, "userId": "ada-lovelace", "messageId": "1"}).accepted == 1
    suppress(known, "ada-lovelace")
    both = send(
        known,
        {**TRACK, "userId": "ada-lovelace", "messageId": "2"},
        {**TRACK, "userId": "bob", "messageId": "3"},
        {**TRACK, "userId": "bob", "messageId": "3"},
    )
    assert (codes(both), both.accepted, both.duplicates) == (["suppressed"], 1, 1)
    assert both.rejected[0].index == 0


def test_the_account_of_a_group_call_is_kept_without_the_person(known):
    suppress(known, "ada-lovelace")
    receipt = send(
        known, {"type": "group", "userId": "ada-lovelace", "groupId": "acct", "traits": {"name": "A"}}
    )
    assert codes(receipt) == ["suppressed"]
    with tenant_scope(known):
        assert Membership.objects.count() == 1


def test_somebody_else_on_the_persons_device_is_taken_in_without_the_device(known):
    told = {**TRACK, "userId": "bob", "anonymousId": "device-of-ada", "messageId": "m"}
    assert send(known, told).accepted == 1
    suppress(known, "ada-lovelace")
    with tenant_scope(known):
        PersonAlias.objects.filter(alias="device-of-ada").delete()
    again = send(known, told)
    assert (again.duplicates, again.rejected) == (1, ())
    assert send(known, {**told, "messageId": "n"}).accepted == 1
    with tenant_scope(known):
        assert not PersonAlias.objects.filter(alias="device-of-ada").exists()
        assert not QuarantinedItem.objects.exists()


def test_what_is_refused_for_another_reason_is_not_quarantined_if_it_mentions_the_person(known):
    suppress(known, "ada-lovelace")
    send(
        known,
        {"type": "teleport", "userId": "ada-lovelace"},
        {"type": "teleport", "userId": "bob", "traits": {"seen": [{"with": "device-of-ada"}]}},
        {"type": "teleport", "userId": "bob"},
    )
    with tenant_scope(known):
        kept = [json.loads(item.payload) for item in QuarantinedItem.objects.all()]
    assert [(item["userId"], "traits" in item) for item in kept] == [("bob", False)]


def quarantine(tenant: TenantRef, *payloads: dict) -> None:
    with tenant_scope(tenant):
        for payload in payloads:
            QuarantinedItem.objects.create(
                source="web", code="x", message="", payload=json.dumps(payload), received_at=noon(FIRST)
            )


def test_what_lies_in_quarantine_and_mentions_the_person_goes_with_the_suppression(known, globex):
    for tenant in (known, globex):
        quarantine(tenant, {"userId": "bob"}, {"previousId": "former-ada"}, {"x": [{"who": "unseen"}]})
    asked = [suppress(known, name).id for name in ("ada-lovelace", "unseen")]
    with tenant_scope(known):
        events = Event.objects.count()
    erasure.CHORE.work(known, erasure.threading.Event())
    with tenant_scope(known):
        assert [json.loads(item.payload) for item in QuarantinedItem.objects.all()] == [{"userId": "bob"}]
        first, second = (requests.receipt(one) for one in asked)
        assert (first.state, second.state, first.finished_at is None) == ("DONE", "DONE", False)
        assert first.counts == {"ingest_quarantineditem": 2}
        assert (Event.objects.count(), Person.objects.filter(is_suppressed=True).count()) == (events, 3)
        assert log.newest(1)[0].action == "person.suppressed"
    with tenant_scope(globex):
        assert QuarantinedItem.objects.count() == 3


def test_quarantine_stays_of_a_person_who_was_admitted_again_meanwhile(known):
    quarantine(known, {"userId": "ada-lovelace"})
    suppress(known, "ada-lovelace")
    with tenant_scope(known):
        assert requests.unsuppress("ada-lovelace")
    erasure.CHORE.work(known, erasure.threading.Event())
    with tenant_scope(known):
        assert QuarantinedItem.objects.count() == 1


def test_the_command_empties_the_quarantine_itself(known, capsys):
    quarantine(known, {"userId": "ada-lovelace"})
    call_command("privacy", "suppress", "ada-lovelace", tenant="acme")
    assert "SUPPRESS  DONE" in capsys.readouterr().out
    with tenant_scope(known):
        assert not QuarantinedItem.objects.exists()


def test_replay_lets_a_suppressed_persons_item_go(known):
    with tenant_scope(known):
        payload = json.dumps({**TRACK, "userId": "ada-lovelace", "messageId": "q"})
        QuarantinedItem.objects.create(
            source="web", code="x", message="", payload=payload, received_at=noon(FIRST)
        )
    suppress(known, "ada-lovelace")
    with tenant_scope(known):
        told = replay(find_items())
        assert (told.stored, told.kept, told.dropped) == (0, 0, 1)
        assert not QuarantinedItem.objects.exists()
        assert not Event.objects.filter(message_id="q").exists()


def test_an_import_refuses_the_row_and_does_not_write_it_down(known, tmp_path, capsys):
    suppress(known, "ada-lovelace")
    file, rejects = tmp_path / "events.csv", tmp_path / "rejects.ndjson"
    file.write_text(
        "message_id,name,occurred_at,person\n1,Saved,2026-06-01,ada-lovelace\n2,Saved,2026-06-01,bob\n"
    )
    call_command("import", "events", str(file), tenant="acme", rejects=rejects)
    assert "stored 1 · duplicate 0 · rejected 1" in capsys.readouterr().out
    (told,) = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert told["_code"] == "SUPPRESSED"
    assert "ada" not in rejects.read_text()


def test_a_suppressed_person_is_in_no_answer(known):
    with tenant_scope(known):
        account = Membership.objects.get().account_id
        assert AccountLoader(StoredMetricReader(), PersonLoader()).member_count(account) == 1
    suppress(known, "ada-lovelace")
    with tenant_scope(known):
        assert AccountLoader(StoredMetricReader(), PersonLoader()).member_count(account) == 0
        assert Person.objects.filter(is_suppressed=True).count() == 3


def test_only_hashes_are_kept_and_another_tenants_differ(known, globex):
    suppress(known, "ada-lovelace")
    suppress(globex, "ada-lovelace")
    shared = dump_of_shared()
    assert not [name for name in ("ada-", "-ada", "device-of") if name in shared]
    with shared_scope():
        digests = SuppressedName.objects.values_list("digest", flat=True)
        assert len({bytes(digest) for digest in digests}) == len(digests) == 6


def test_a_name_that_nobody_bears_is_suppressed_too(known):
    receipt = suppress(known, "not-seen-yet")
    assert (receipt.kind, receipt.state) == ("SUPPRESS", "PENDING")
    assert codes(send(known, {**TRACK, "userId": "not-seen-yet"})) == ["suppressed"]


def test_without_the_key_of_the_list_nothing_is_taken_in(known, settings):
    settings.ENGAGE_PRIVACY_KEYS = ["first"]
    suppress(known, "ada-lovelace")
    settings.ENGAGE_PRIVACY_KEYS = ["second", "first"]
    suppress(known, "bob")
    assert codes(
        send(
            known, {**TRACK, "userId": "ada-lovelace"}, {**TRACK, "userId": "bob"}, {**TRACK, "userId": "eve"}
        )
    ) == ["suppressed", "suppressed"]
    settings.ENGAGE_PRIVACY_KEYS = ["third"]
    with tenant_scope(known), pytest.raises(UnknownPrivacyKeyError, match="Remedy: add that key"):
        register.keys_in_use()


def test_the_key_of_the_data_directory_is_made_once_for_its_owner_alone(settings, tmp_path):
    settings.ENGAGE_PRIVACY_KEYS = []
    settings.ENGAGE_DATA_DIR = tmp_path
    (key,) = hashing.privacy_keys()
    file = tmp_path / hashing.KEY_FILE
    assert file.read_text().encode() == key
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [hashing.KEY_FILE]


@pytest.mark.parametrize(
    ("told", "stored"),
    [({"consent": False}, 0), ({"consent": True}, 1), ({"consent": "no"}, 1)],
)
def test_events_of_a_person_without_consent_are_not_stored(known, globex, told, stored):
    send(known, {"type": "identify", "userId": "ada-lovelace", "traits": told})
    receipt = send(known, {**TRACK, "anonymousId": "device-of-ada"}, {**TRACK, "userId": "bob"})
    assert receipt.accepted == 1 + stored
    assert codes(receipt) == ["consent_withdrawn"] * (1 - stored)
    with tenant_scope(known):
        assert not QuarantinedItem.objects.exists()
    assert send(globex, {**TRACK, "anonymousId": "device-of-ada"}).accepted == 1


@pytest.mark.parametrize(
    "consent", [{"analytics": False}, {"categoryPreferences": {"Advertising": True, "Analytics": False}}]
)
def test_consent_may_stand_in_the_context_and_be_given_again(known, consent):
    withdrawn = {"type": "identify", "userId": "ada-lovelace", "context": {"consent": consent}}
    receipt = send(known, withdrawn, {**TRACK, "userId": "ada-lovelace"})
    assert codes(receipt) == ["consent_withdrawn"]
    given = {"type": "identify", "userId": "former-ada", "traits": {"consent": True}}
    assert send(known, given).accepted == 1
    assert send(known, {**TRACK, "userId": "ada-lovelace"}).accepted == 1


def test_an_event_of_a_day_long_past_is_refused_like_any_other(known):
    suppress(known, "ada-lovelace")
    with tenant_scope(known):
        count = Event.objects.count()
    store(known, use("late", "ada-lovelace", FIRST - timedelta(days=300)))
    with tenant_scope(known):
        assert Event.objects.count() == count
