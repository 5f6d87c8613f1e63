"""Mail goes to persons who may be written to, with a way out that every mail program knows; to nobody else."""

import re

import pytest
from django.core import mail as outbox_of_django
from django.core.management import call_command

from engage_server.access.models import Membership
from engage_server.access.users import invited_user
from engage_server.audit.models import AuditEntry
from engage_server.automation.addressees import address_of, is_address, language_of
from engage_server.automation.exceptions import UnsendableError
from engage_server.automation.mail_links import read_address_link
from engage_server.automation.messages import Message
from engage_server.automation.models import Delivery
from engage_server.customers.models import Person
from engage_server.definitions.exceptions import InvalidDefinitionError
from engage_server.ingest.items import PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations import channels as operations
from engage_server.operations.mail_preferences import NOTHING, Preferences, choose, preferences
from engage_server.privacy import erasure
from engage_server.privacy.requests import open_erasure
from engage_server.privacy.tombstones import export_tombstones, replay_tombstones
from engage_server.suppression.models import SuppressedName
from engage_server.suppression.register import keys_in_use
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.automation.deliveries import deliver, make_due, put

LINK = re.compile(r"http://localhost:8000/mail/([^?\s>]+)\?language=(en|ko)")


def person(name: str = "ada", **traits) -> int:
    store_items([PersonItem(PersonKey(user_id=name), {"email": f"{name}@x.example", **traits})], source="t")
    return Person.objects.get(external_id=name).pk


def to_persons(**fields) -> int:
    return operations.create_channel("Customers", {"kind": "PERSONS", **fields}).channel.number


def about(id: int, *, type: str = "playbook.step", text: str = "A text.") -> Message:
    return Message(type, "Hello", text, {"subject": {"kind": "person", "id": id}})


def link_in(mail) -> str:
    return LINK.search(mail["list-unsubscribe"])[1]


def test_a_person_gets_mail_with_one_click_to_unsubscribe_in_its_language(acme, mails):
    with tenant_scope(acme):
        number = to_persons(sender="Acme 고객팀", reply_to="cs@acme.example")
        put(number, about(person()), about(person("jin", locale="ko-KR")))
    assert [one.state for one in deliver(acme)] == ["SENT", "SENT"]
    ada, jin = sorted(mails.mails, key=lambda mail: mail["to"])
    assert (ada["to"], ada["reply-to"], jin["to"]) == ("ada@x.example", "cs@acme.example", "jin@x.example")
    assert ada["from"] == "Acme 고객팀 <engage@localhost>"
    assert ada["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert LINK.search(ada["list-unsubscribe"])[0] in ada.get_content()
    assert "unsubscribe" in ada.get_content()
    assert "수신 거부" in jin.get_content()
    assert LINK.search(jin["list-unsubscribe"])[2] == "ko"
    assert "ada" not in link_in(ada)


def test_nothing_goes_to_who_is_withdrawn_erased_unsubscribed_or_without_address(acme, globex, mails):
    with tenant_scope(globex):
        person()
    with tenant_scope(acme):
        number = to_persons()
        gone, silent, nowhere, hidden, out, merged = (
            person(name) for name in ("gone", "silent", "nowhere", "hidden", "out", "merged")
        )
        put(number, *(about(id) for id in (gone, silent, nowhere, hidden, out, merged)))
        Person.objects.filter(pk=silent).update(consents=False)
        Person.objects.filter(pk=nowhere).update(traits={"email": "no address"})
        Person.objects.filter(pk=hidden).update(is_suppressed=True)
        Person.objects.filter(pk=merged).update(merged_into=silent)
        Person.objects.filter(pk=gone).delete()
        put(number, about(person("other")))
        put(number, Message("signal.raised", "Hello", "About nobody.", {}))
    unsubscribe(acme, mails, "out")
    with tenant_scope(acme):
        Delivery.objects.filter(state="SENT").delete()
    said = {one.log[-1]["said"].partition(",")[0] for one in deliver(acme)}
    assert {one.state for one in deliver(acme)} == {"DEAD"}
    assert len(said) == 4
    assert sorted(mail["to"] for mail in mails.mails) == ["other@x.example", "out@x.example"]


def unsubscribe(tenant, mails, name: str) -> None:
    """Have this person get its mail and say no to the next; what it got is in ``mails``."""
    deliver(tenant)
    (mail,) = [mail for mail in mails.mails if mail["to"].startswith(name)]
    link = read_address_link(link_in(mail), host="localhost")
    with tenant_scope(tenant):
        choose(link, NOTHING)
        make = Person.objects.get(external_id=name)
        put(1, about(make.pk))


def test_who_unsubscribed_at_one_tenant_gets_mail_of_the_other(acme, globex, mails):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            put(to_persons(), about(person()))
            put(1, about(person(), type="survey.asked"))
    deliver(acme)
    unsubscribe_link = read_address_link(link_in(mails.mails[0]), host="localhost")
    with tenant_scope(acme):
        assert choose(unsubscribe_link, Preferences(messages=False, surveys=True))
        assert not choose(unsubscribe_link, Preferences(messages=False, surveys=True))
        assert preferences(unsubscribe_link) == Preferences(messages=False, surveys=True)
        put(1, about(person()), about(person(), type="survey.asked"))
        entry = AuditEntry.objects.get(action="mail.chosen")
        assert (entry.actor, entry.details) == (f"person:{person()}", {"messages": False, "surveys": True})
    assert [one.state for one in deliver(acme)] == ["SENT", "SENT", "DEAD", "SENT"]
    assert [one.state for one in deliver(globex)] == ["SENT", "SENT"]
    with tenant_scope(acme):
        assert keys_in_use() == ()  # nobody is kept from coming in


def test_a_choice_outlives_the_person_and_a_restored_list(acme, mails, tmp_path):
    with tenant_scope(acme):
        put(to_persons(), about(person()))
    deliver(acme)
    link = read_address_link(link_in(mails.mails[0]), host="localhost")
    with tenant_scope(acme):
        choose(link, NOTHING)
    export_tombstones(tmp_path / "list")
    with shared_scope():
        SuppressedName.objects.all().delete()
    assert [one.entries for one in replay_tombstones(tmp_path / "list") if one.tenant == "acme"] == [2]
    with tenant_scope(acme):
        Person.objects.all().delete()
        put(1, about(person(email="ADA@x.example")))
    assert deliver(acme)[-1].log[-1]["said"] == "not sent: the person unsubscribed"


def test_an_erasure_takes_mails_with_it_that_are_queued(acme, mails):
    with tenant_scope(acme):
        put(to_persons(), about(person()))
        erasure.erase(open_erasure(["ada"]).id)
        assert Delivery.objects.count() == 0
    assert deliver(acme) == []
    assert mails.mails == []


def test_mail_to_the_team_goes_to_members_and_domains_of_the_operators_alone(acme, globex, mails, capsys):
    with tenant_scope(globex), pytest.raises(UnsendableError, match="mail-domains"):
        operations.create_channel("Team", {"kind": "MAIL", "to": ["cs@acme.example"]})
    with shared_scope():
        member = Membership.objects.create(
            user=invited_user("ann@else.example"), tenant_id=acme.id, role="viewer"
        )
    with tenant_scope(acme):
        to = ["CS@acme.example", "ann@else.example"]
        number = operations.create_channel("Team", {"kind": "MAIL", "to": to}).channel.number
        put(number)
    deliver(acme)
    assert mails.mails[-1]["to"] == "CS@acme.example, ann@else.example"
    with shared_scope():
        member.delete()
    with tenant_scope(acme):
        put(number)
    deliver(acme)
    assert mails.mails[-1]["to"] == "CS@acme.example"
    call_command("tenant", "mail-domains", "acme", "--none")
    assert "members alone" in capsys.readouterr().out
    with tenant_scope(acme):
        put(number)
        assert AuditEntry.objects.filter(action="mail_domains.changed").exists()
    assert deliver(acme)[-1].state == "DEAD"


@pytest.mark.parametrize(
    "fields",
    [
        {"sender": "Acme\r\nBcc: all@x.example"},
        {"sender": 'Acme" <all@x.example>'},
        {"sender": "Acme\u2028Bcc: all@x.example"},
        {"to": ["cs@acme.example"]},
    ],
)
def test_a_channel_to_persons_with_other_headers_or_recipients_is_refused(acme, mails, fields):
    with tenant_scope(acme), pytest.raises(InvalidDefinitionError):
        to_persons(**fields)


def test_answers_go_to_the_tenants_own_people_alone(acme, mails):
    with tenant_scope(acme), pytest.raises(UnsendableError, match="mail-domains"):
        to_persons(reply_to="all@x.example")


@pytest.mark.parametrize("subject", ["a\r\nBcc: b@c", "a\u2028b", "a\x85b", "a\x00b"])
def test_a_subject_that_could_add_headers_is_refused(subject):
    with pytest.raises(UnsendableError, match="line break"):
        Message("x", subject, "", {})


@pytest.mark.parametrize(
    "address", ["a@b\nBcc: c@d", "a@b, c@d", "<a@b>", "", 7, None, f"{'a' * 64}@{'b.' * 100}example", "a@b "]
)
def test_a_trait_that_is_no_single_address_is_none(address):
    assert address_of({"email": address}) is None
    assert not isinstance(address, str) or not is_address(address)


def test_a_person_s_language_is_that_of_its_traits():
    assert [language_of(one) for one in ({}, {"language": "ko"}, {"locale": "de_DE"}, {"locale": 7})] == [
        "en", "ko", "en", "en",
    ]  # fmt: skip


def test_without_an_address_of_its_own_a_server_writes_to_no_person(acme, mails, settings):
    settings.ENGAGE_PUBLIC_URL = ""
    with tenant_scope(acme), pytest.raises(UnsendableError, match="ENGAGE_PUBLIC_URL"):
        to_persons()


def test_where_it_cannot_be_known_who_unsubscribed_mail_waits(acme, mails, settings):
    with tenant_scope(acme):
        put(to_persons(), about(person()))
    deliver(acme)
    with tenant_scope(acme):
        choose(read_address_link(link_in(mails.mails[0]), host="localhost"), NOTHING)
        put(1, about(person()))
    settings.ENGAGE_PRIVACY_KEYS = ["another key"]
    assert deliver(acme)[-1].state == "PENDING"
    settings.ENGAGE_PRIVACY_KEYS = []
    make_due(acme)
    assert deliver(acme)[-1].state == "DEAD"


def test_a_provider_is_another_way_to_send(acme, may_send, settings):
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    with tenant_scope(acme):
        put(to_persons(), about(person()))
    (sent,) = deliver(acme)
    (mail,) = outbox_of_django.outbox
    assert (sent.state, mail.to, mail.metadata) == ("SENT", ["ada@x.example"], {"engage_key": str(sent.key)})
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_what_a_provider_never_takes_is_given_up_and_a_bad_hour_waited_for(acme, receiver, settings):
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "x", "POSTMARK_API_URL": receiver.url}
    receiver.answers += [422, 500, 401]
    with tenant_scope(acme):
        put(to_persons(), *[about(person())] * 3)
    states = {one.log[-1]["said"]: one.state for one in deliver(acme)}
    assert states == {
        "422 AnymailRequestsAPIError": "DEAD",
        "500 AnymailRequestsAPIError": "PENDING",
        "401 AnymailRequestsAPIError": "PENDING",
    }
