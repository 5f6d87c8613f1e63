"""A secret address shows one account's chosen figures, or the renewals, and nothing else, until it is revoked."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import icalendar
import pytest
from django.core.management import call_command

from engage_server.automation.exceptions import UnknownShareError
from engage_server.automation.shares import path_of, shares
from engage_server.customers.models import Account
from engage_server.definitions import store as definitions
from engage_server.definitions.exceptions import InvalidDefinitionError
from engage_server.ingest.items import AccountItem, SubscriptionItem
from engage_server.ingest.store import store_items
from engage_server.metrics.goals import GOAL, GoalBody
from engage_server.operations.shares import create_share, revoke_share
from engage_server.plugin_host.exceptions import UnknownPluginError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope, tenant_scope
from engage_server.tenancy.services import set_status
from tests.metrics.values import store

DAY = date(2026, 3, 31)
STEPS = [
    {"key": "invite", "label": "Invite <colleagues>", "value": 50.0, "points": 50.0},
    {"key": "import", "label": "Import contacts", "value": 10.0, "points": 10.0},
]


def account(name: str, progress: float) -> int:
    """An account with onboarding progress, a figure of few, and a goal."""
    row = Account.objects.create(external_id=name, name=name.title())
    of = {"kind": "account", "subject": row.pk, "day": DAY}
    store("onboarding.progress", progress, contributions=STEPS, n=2, **of)
    store("health_score.score", 42, **of)
    store("csat.score", 77, n=1, **of)
    store("pes.score", 13, **of)
    body = GoalBody(
        metric="pes.score",
        target=26,
        start=DAY - timedelta(days=9),
        due=date(2099, 1, 1),
        account=name,
        baseline=0,
    )
    definitions.define(GOAL, f"Goal of {name}", body)
    return row.pk


@pytest.fixture
def north(acme, globex) -> str:
    """The address of north's page; south of acme and north of globex have other figures."""
    with tenant_scope(globex):
        account("north", 11)
    with tenant_scope(acme):
        account("south", 22)
        metrics = ["onboarding.progress", "csat.score"]
        body = {"kind": "ACCOUNT", "account": account("north", 60), "metrics": metrics, "goals": True}
        return path_of(create_share("North's page", body))


def test_a_page_shows_what_was_chosen_and_nothing_else(client, north):
    answer = client.get(north)
    page = answer.content.decode()
    assert answer.status_code == 200
    for shown in (
        "North",
        "Onboarding progress",
        "60%",
        "Invite &lt;colleagues&gt;",
        "2026-03-31",
        "Goal of north",
        "50%",
    ):
        assert shown in page
    # Neither figures that nobody chose, nor those of few, nor others' figures and goals, nor a way to anything else.
    for hidden in ("42", "77", "11%", "22%", "south", "Goal of south", "<script", 'href="/', "<colleagues>"):
        assert hidden not in page
    assert "too few persons" in page
    assert "'none'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("private, no-store", "no-referrer")
    assert not answer.cookies


def test_a_page_speaks_the_customers_language(client, acme, north):
    with tenant_scope(acme):
        pk = Account.objects.get(external_id="north").pk
        made = create_share(
            "K", {"kind": "ACCOUNT", "account": pk, "metrics": ["onboarding.progress"], "language": "ko"}
        )
        address = path_of(made)
    page = client.get(address).content.decode()
    assert '<html lang="ko">' in page
    assert "온보딩 진행률" in page
    assert "2026-03-31 기준" in page


def test_an_address_that_is_revoked_over_forged_or_of_another_kind_shows_nothing(
    client, acme, north, settings
):
    with tenant_scope(acme):
        pk = Account.objects.get(external_id="north").pk
        over = path_of(
            create_share("Over", {"kind": "ACCOUNT", "account": pk, "goals": True, "ends_on": "2026-01-01"})
        )
    head, _, signature = north.rpartition("_")
    tenant, number = head.removeprefix("/shared/").split("_")
    other = "0" if signature[-1] != "0" else "1"
    forged = [
        over, f"{head}_{signature[:-1]}{other}", f"{head}_",
        f"/shared/{int(tenant, 36) + 1}_{number}_{signature}",
        f"/shared/{tenant}_{int(number, 36) + 1}_{signature}", north + ".ics", "/shared/x", "/shared/" + "x" * 5_000,
        "/shared/%00",
    ]  # fmt: skip
    for address in forged:
        answer = client.get(address)
        assert (answer.status_code, b"North" in answer.content) == (404, False), address
    with tenant_scope(acme):
        revoke_share(next(one.number for one in shares() if one.name == "North's page"))
    gone = client.get(north)
    assert gone.status_code == 404
    assert "not any more" in gone.content.decode()


def test_a_forged_address_costs_no_statement(client, north, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get(north[:-1] + ("0" if north[-1] != "0" else "1")).status_code == 404


def test_an_address_is_its_tenants_own_at_its_own_host_and_ends_with_it(client, acme, north):
    assert client.get(north, HTTP_HOST="acme.localhost").status_code == 200
    assert client.get(north, HTTP_HOST="globex.localhost").status_code == 404
    set_status(acme.slug, Tenant.Status.SUSPENDED)
    assert client.get(north).status_code == 404


def test_another_secret_key_ends_all_addresses_but_during_the_change(client, north, settings):
    former = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [former]
    assert client.get(north).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get(north).status_code == 404


def test_what_cannot_be_shown_cannot_be_shared(acme, globex):
    with tenant_scope(globex):
        theirs = Account.objects.create(external_id="theirs").pk
    with tenant_scope(acme):
        pk = Account.objects.create(external_id="north").pk
        wrong = [
            ({"kind": "ACCOUNT", "metrics": ["pes.score"]}, InvalidDefinitionError),
            ({"kind": "ACCOUNT", "account": pk}, InvalidDefinitionError),
            ({"kind": "CALENDAR", "goals": True}, InvalidDefinitionError),
            ({"kind": "ACCOUNT", "account": pk, "metrics": ["no metric"]}, InvalidDefinitionError),
            ({"kind": "ACCOUNT", "account": pk, "metrics": ["nothing.such"]}, UnknownPluginError),
            ({"kind": "ACCOUNT", "account": pk, "metrics": ["churn.logo"]}, UnknownShareError),
            ({"kind": "ACCOUNT", "account": theirs + 1_000, "goals": True}, UnknownShareError),
        ]
        for body, error in wrong:
            with pytest.raises(error, match=r"Remedy|Known metrics"):
                create_share("x", body)
        assert shares() == []


def test_the_calendar_has_a_day_for_each_renewal_of_its_tenant(client, acme, globex, capsys):
    today = datetime.now(UTC).date()
    for tenant, name in ((acme, "north"), (globex, "theirs")):
        with tenant_scope(tenant):
            ends = today + timedelta(days=40)
            store_items(
                [
                    AccountItem(name, name=f"{name.title()}; Inc,\nBEGIN:VEVENT", owner="kim"),
                    SubscriptionItem(
                        "s1", name, today - timedelta(days=300), ends_on=ends, amount=Decimal(9)
                    ),
                    AccountItem("trial"),
                    SubscriptionItem("s2", "trial", today - timedelta(days=3), ends_on=ends, is_trial=True),
                ],
                source="web",
            )
    call_command("share", "calendar", "Renewals", "--tenant", acme.slug)
    address = capsys.readouterr().out.split()[-1]
    answer = client.get(address)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(answer.content)
    (event,) = calendar.walk("VEVENT")
    assert (event["dtstart"].dt, "North" in event["summary"]) == (today + timedelta(days=40), True)
    assert client.get(address).content.split(b"UID:")[1][:30] == answer.content.split(b"UID:")[1][:30]
    call_command("share", "revoke", "Renewals", "--tenant", acme.slug)
    assert client.get(address).status_code == 404


def test_the_page_is_made_and_listed_by_command(client, acme, capsys):
    with tenant_scope(acme):
        account("north", 60)
    call_command(
        "share",
        "account",
        "N",
        "--account",
        "north",
        "--metric",
        "onboarding.progress",
        "--tenant",
        acme.slug,
    )
    address = capsys.readouterr().out.split()[-1]
    assert client.get(address).status_code == 200
    with shared_scope():
        assert Tenant.objects.filter(slug=acme.slug).exists()
