"""Who is asked, how often, and by which way: each person at most once in a while, each wave once, each tenant its own."""

import re
import threading
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from engage_server.access.exceptions import NotPermittedError
from engage_server.activity.models import EventName
from engage_server.automation import journeys
from engage_server.automation.exceptions import UnaskableError
from engage_server.automation.models import Delivery, Journey, Signal, SurveyInvitation
from engage_server.customers.models import Account, Membership, Person
from engage_server.definitions.exceptions import InvalidDefinitionError, UnknownDefinitionError
from engage_server.ingest.items import PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations import annotations, channels, playbooks, rules, segments
from engage_server.operations import surveys as operations
from engage_server.privacy import erasure
from engage_server.privacy.requests import open_erasure
from engage_server.tenancy.scope import tenant_scope
from tests.automation.deliveries import deliver

URL = re.compile(r"http://localhost:8000/survey/\S+")


def person(name: str = "ada", **traits) -> int:
    store_items([PersonItem(PersonKey(user_id=name), {"email": f"{name}@x.example", **traits})], source="t")
    return Person.objects.get(external_id=name).pk


def survey(name: str = "How", **fields) -> int:
    return operations.create_survey(name, {"kind": "NPS", **fields}).number


def by_mail() -> int:
    return channels.create_channel("Customers", {"kind": "PERSONS"}).channel.number


def let_pass(**time) -> None:
    SurveyInvitation.objects.update(asked_at=timezone.now() - timedelta(**time))


def test_a_person_is_asked_again_after_the_cool_down_of_all_surveys(acme):
    with tenant_scope(acme):
        person()
        first, second = survey(), survey("Effort", kind="CES_2", cool_down_days=10)
        assert operations.invite_person(first, "ada").url
        assert operations.invite_person(second, "ada").url is None
        let_pass(days=11)
        assert operations.invite_person(second, "ada").url


def test_invitations_of_long_ago_are_taken_away_each_tenants_in_its_own_round(acme, globex):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            person()
            operations.invite_person(survey(), "ada")
            let_pass(days=401)
    deliver(acme)
    with tenant_scope(acme):
        assert SurveyInvitation.objects.count() == 0
    with tenant_scope(globex):
        assert SurveyInvitation.objects.count() == 1


def test_who_was_asked_by_a_link_gets_the_same_until_it_answers(acme, globex):
    with tenant_scope(globex):
        person()
    with tenant_scope(acme):
        person()
        number = survey()
        assert operations.invite_person(number, "ada").url == operations.invite_person(number, "ada").url
        assert operations.response_to([number])[number] == operations.Response(1, 0, 0)
    with tenant_scope(globex):
        assert SurveyInvitation.objects.count() == 0


def test_it_is_asked_by_mail_in_the_language_of_the_person_and_only_who_wants_it(acme, mails):
    with tenant_scope(acme):
        for name, fields in (("ada", {}), ("jin", {"language": "ko"}), ("sad", {})):
            person(name, **fields)
        Person.objects.filter(external_id="sad").update(consents=False)
        number, channel = survey(), by_mail()
        of = Account.objects.create(external_id="north").pk
        since = timezone.now() - timedelta(days=1)
        Membership.objects.create(
            person=Person.objects.get(external_id="ada"), account_id=of, starts_at=since
        )
        for name in ("ada", "jin", "sad"):
            operations.invite_person(number, name, by=channel)
        assert [*Delivery.objects.order_by("id").values_list("account", flat=True)] == [of, None]
        team = channels.create_channel("Team", {"kind": "MAIL", "to": ["cs@acme.example"]}).channel.number
        with pytest.raises(UnaskableError, match="PERSONS"):
            operations.invite_person(number, "ada", by=team)
    assert [one.state for one in deliver(acme)] == ["SENT", "SENT"]
    ada, jin = sorted(mails.mails, key=lambda mail: mail["to"])
    assert "recommend" in ada["subject"]
    assert "추천" in jin["subject"]
    assert URL.search(jin.get_content())[0].endswith("?language=ko")
    assert "List-Unsubscribe" in ada


def test_a_wave_asks_each_member_once_for_a_release_and_no_more_than_were_meant(acme, mails, capsys):
    with tenant_scope(acme):
        for name in ("ada", "bob", "cyd"):
            person(name)
        body = {
            "subject": "person",
            "condition": {"type": "trait", "name": "email", "any_of": ["ada@x.example", "bob@x.example"]},
        }
        segment = segments.create_segment("Some", body).number
        release = annotations.create_annotation(
            {"day": date(2026, 6, 1), "text": "2.0", "kind": "RELEASE"}
        ).number
        other = annotations.create_annotation(
            {"day": date(2026, 6, 2), "text": "Fair", "kind": "MARKETING"}
        ).number
        number, by = survey(cool_down_days=0), by_mail()
        wave = {"by": by, "segment": segment}
        with pytest.raises(UnaskableError, match="2 persons"):
            operations.start_wave(number, release=release, at_most=1, **wave)
        with pytest.raises(UnaskableError, match="RELEASE"):
            operations.start_wave(number, release=other, at_most=9, **wave)
        assert operations.start_wave(number, release=release, at_most=9, dry_run=True, **wave).asked == 2
        assert Delivery.objects.count() == 0
        assert operations.start_wave(number, release=release, at_most=9, **wave) == operations.Wave(2, 2)
        assert operations.start_wave(number, release=release, at_most=9, **wave) == operations.Wave(2, 0)
    assert len(deliver(acme)) == 2
    call_command(
        "survey", "wave", "How", "--release", str(release), "--segment", str(segment), "--channel", str(by),
        "--at-most", "9", "--dry-run", "--tenant", "acme",
    )  # fmt: skip
    call_command("survey", "list", "--tenant", "acme")
    said = capsys.readouterr().out
    assert "0 of 2 persons would be asked." in said
    assert "How  NPS as nps, 0 of 2 answered" in said


def test_who_is_erased_leaves_no_invitation_and_no_mail(acme, mails):
    with tenant_scope(acme):
        for name in ("ada", "bob"):
            person(name)
        number, channel = survey(), by_mail()
        for name in ("ada", "bob"):
            operations.invite_person(number, name, by=channel)
        erasure.erase(open_erasure(["ada"]).id)
        assert SurveyInvitation.objects.count() == 1
    assert [mail["to"] for mail in mails.mails if deliver(acme)] == []
    deliver(acme)
    assert [mail["to"] for mail in mails.mails] == ["bob@x.example"]


def test_a_playbook_asks_who_its_rule_is_about_and_notes_whom_it_does_not(acme, mails):
    with tenant_scope(acme):
        number, channel = survey(), by_mail()
        EventName.objects.create(name="E")
        made = rules.create_rule(
            "Signed up",
            {"kind": "OPPORTUNITY", "trigger": {"type": "event", "event": "E", "subject": "person"}},
        )
        step = {"type": "survey", "survey": number, "channel": channel}
        body = {"rule": made.number, "steps": [step, step], "enabled": True}
        playbooks.create_playbook("Ask", body)
        signal = Signal.objects.create(
            rule=made.number,
            rule_version=1,
            is_risk=False,
            subject_kind="person",
            subject=person(),
            raised_on=date(2026, 6, 1),
        )
        with transaction.atomic():
            assert journeys.begin({made.number: [signal]}) == 1
    journeys.TASK.work(acme, threading.Event())
    assert [one.state for one in deliver(acme)] == ["SENT"]
    assert URL.search(mails.mails[0].get_content())
    with tenant_scope(acme):
        assert Journey.objects.get().note == "step 2: the person was asked lately, or may not be asked"
        low = rules.create_rule("Ending", {"kind": "RISK", "trigger": {"type": "renewal"}})
        with pytest.raises(UnaskableError, match="persons"):
            playbooks.create_playbook("Wrong", {**body, "rule": low.number})
        with pytest.raises(NotPermittedError, match="personal:read"):
            playbooks.create_playbook("Blind", body, sees_persons=False)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "STARS"},
        {"origins": ["https://app.example.com/path"]},
        {"origins": ["*"]},
        {"origins": ["https://a.example; script-src *"]},
        {"kind": "TEXT", "asks_why": False},
        {"question": "x" * 301},
        {"instrument": "Two words"},
        {"ends_after_days": 0},
    ],
)
def test_a_survey_that_could_not_be_asked_is_refused(acme, fields):
    with tenant_scope(acme), pytest.raises(InvalidDefinitionError):
        survey(**fields)


def test_a_change_is_a_new_version_and_what_is_retired_is_gone(acme):
    with tenant_scope(acme):
        number = survey()
        assert operations.change_survey(number, name="Why", changes={"question": "Well?"}).version == 2
        operations.retire_survey(number)
        with pytest.raises(UnknownDefinitionError):
            operations.change_survey(number, changes={"note": "x"})
