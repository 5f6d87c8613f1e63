"""Reports say what is stored, of which day, and where it is explained; they are sent once a period."""

import csv
import io
import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import transaction

from engage_server.access.exceptions import NotPermittedError
from engage_server.activity.models import Feature
from engage_server.automation.exceptions import UnsoundReportError
from engage_server.automation.models import Delivery, Signal, Task
from engage_server.automation.reports import schedule
from engage_server.automation.reports.definition import (
    Every,
    ReportBody,
    following,
    period_start,
    reports,
    sent_at,
)
from engage_server.automation.reports.document import Cell, Document, Table, as_csv, as_text
from engage_server.automation.reports.pages import STYLE, as_html
from engage_server.automation.reports.writing import write
from engage_server.customers.models import Account, Person
from engage_server.definitions import store as definitions
from engage_server.definitions.exceptions import InvalidDefinitionError
from engage_server.engine.models import Agenda
from engage_server.ingest.items import AccountItem, PersonKey, ResponseItem, SubscriptionItem
from engage_server.ingest.store import store_items
from engage_server.metrics.goals import GOAL, GoalBody
from engage_server.operations import channels
from engage_server.operations.reports import create_report, retire_report, send_report
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.automation.days import make
from tests.automation.deliveries import deliver
from tests.automation.scores import SCORE, store_scores
from tests.metrics.values import store

DAY = date(2026, 5, 20)
BEFORE = date(2026, 3, 31)


def account(name: str) -> int:
    store_items(
        [
            AccountItem(name, f"{name.title()} & <Sons>", owner="kim"),
            SubscriptionItem(
                f"s {name}", name, date(2026, 1, 1), ends_on=date(2026, 7, 1), plan="Pro", seats=40, amount=Decimal(9)
            ),
        ],
        source="web",
    )  # fmt: skip
    return Account.objects.get(external_id=name).pk


@pytest.fixture
def north(acme, globex) -> int:
    with tenant_scope(globex):
        store(SCORE, 1, kind="account", subject=account("theirs"), day=DAY)
    with tenant_scope(acme):
        pk = account("north")
        store_scores(pk, (BEFORE, 70, (40, 30)), (DAY - timedelta(days=7), 66, (36, 30)), (DAY, 55, (25, 30)))
        store("csat.score", 77, kind="account", subject=pk, day=DAY, n=1)
        definitions.define(
            GOAL,
            "Be healthy",
            GoalBody(
                metric=SCORE, target=80, start=BEFORE, due=date(2099, 1, 1), account="north", baseline=30
            ),
        )
        return pk


def review(pk: int, **fields) -> Document:
    body = {"kind": "QUARTERLY_REVIEW", "account": pk, "metrics": [SCORE, "csat.score"], **fields}
    document = write(create_report("Review", body), on=DAY, with_quotes=True)
    assert document is not None
    return document


def rows(document: Document, number: int) -> list[list[str]]:
    return [[cell.text for cell in row] for row in document.tables[number].rows]


def test_a_quarterly_review_has_goals_metrics_the_bridge_seats_and_next_steps(acme, north):
    with tenant_scope(acme):
        Task.objects.create(
            playbook=1, signal=1, subject_kind="account", subject=north, title="Call them", is_personal=False
        )
        Task.objects.create(
            playbook=1, signal=1, subject_kind="account", subject=north, title="Ask ada", is_personal=True
        )
        rule = make({"type": "value", "metric": SCORE, "below": 60})
        Signal.objects.create(
            rule=rule.number,
            rule_version=1,
            is_risk=True,
            subject_kind="account",
            subject=north,
            raised_on=DAY,
        )
        document = review(north)
    assert (document.about, document.day) == ("North & <Sons>", DAY)
    assert document.dated == "Figures of 2026-05-20, compared with 2026-03-31."
    assert rows(document, 0)[0][:3] == ["Be healthy", "55 points", "80 points"]
    health, satisfaction = rows(document, 1)
    assert health[1:] == ["55 points", "70 points", "-15.0", "YELLOW"]
    assert satisfaction[1] == "too few persons"
    bridge = rows(document, 2)
    assert bridge == [["Features used", "-15.0"]]
    assert "Down 15" in document.tables[2].note
    assert rows(document, 3) == [["Pro", "40", "2026-07-01"]]
    steps = [row[0] for row in rows(document, 4)]
    assert steps[:2] == ["Renewal on 2026-07-01", "Call them"]
    assert "Ask ada" not in steps
    assert len(steps) == 3


def test_each_figure_leads_to_its_explanation(acme, north):
    with tenant_scope(acme):
        page = as_html(review(north))
    assert f'href="/app/metrics/{SCORE}"' in page
    assert '/why">55 points</a>' in page


def test_quotes_are_of_who_may_be_quoted_and_for_who_may_read_them(acme, north):
    with tenant_scope(acme):
        at = datetime(2026, 5, 1, tzinfo=UTC)
        said = {"ada": "So good", "bob": "I withdrew", "eve": "I am suppressed"}
        store_items(
            [
                ResponseItem(name, "nps", Decimal(0), Decimal(10), at, score=Decimal(9), person=PersonKey(user_id=name),
                             account="north", text=text)
                for name, text in said.items()
            ],
            source="web",
        )  # fmt: skip
        Person.objects.filter(external_id="bob").update(consents=False)
        Person.objects.filter(external_id="eve").update(is_suppressed=True)
        document = review(north, quotes=True)
        assert rows(document, 4) == [["So good", "2026-05-01"]]
        without = write(reports()[0], on=DAY, with_quotes=False)
        assert "So good" not in as_text(without)
        with pytest.raises(NotPermittedError, match="personal:read"):
            create_report(
                "Q",
                {"kind": "QUARTERLY_REVIEW", "account": north, "metrics": [SCORE], "quotes": True},
                sees_persons=False,
            )


def test_a_portfolio_has_who_fell_most_first_and_nobody_elses(acme, north):
    with tenant_scope(acme):
        for name, now, then, n in (("east", 90, 50, 9), ("west", 60, 61, 9), ("tiny", 10, 99, 9)):
            pk = account(name)
            for day, value in ((DAY, now), (DAY - timedelta(days=7), then)):
                store(SCORE, value, kind="account", subject=pk, day=day, n=n)
        one = create_report("Week", {"kind": "PORTFOLIO", "metrics": [SCORE]})
        document = write(one, on=DAY, with_quotes=False)
        found = rows(document, 0)
    assert [row[0].split()[0] for row in found] == ["Tiny", "North", "West", "East"]
    assert [row[2] for row in found] == ["-89.0", "-11.0", "-1.0", "+40.0"]
    assert "Theirs" not in as_text(document)
    assert len(rows(document, 3)) == 4  # renewals


def test_a_roadmap_review_names_what_is_hardly_used_for_long_and_how_figures_flatter(acme):
    metric = "adoption.feature_adoption"
    with tenant_scope(acme):
        for name, value, since in (("Old", 2, 200), ("New", 2, 100), ("Used", 40, 200)):
            pk = Feature.objects.create(name=name).pk
            for days in (since, 0):
                store(metric, value, kind="feature", subject=pk, day=DAY - timedelta(days=days))
        document = write(
            create_report("Map", {"kind": "ROADMAP", "metrics": [metric]}), on=DAY, with_quotes=False
        )
        assert rows(document, 0) == [["Old", "2%", "2025-11-01"]]
        assert [row[0] for row in rows(document, 1)] == ["Used", "New", "Old"]
        assert "read it beside" in rows(document, 2)[0][1]


def test_a_report_is_of_the_newest_computed_day_and_says_so(acme, north):
    with tenant_scope(acme):
        one = create_report(
            "Review", {"kind": "QUARTERLY_REVIEW", "account": north, "metrics": [SCORE], "language": "ko"}
        )
        document = write(one, on=DAY + timedelta(days=3), with_quotes=False)
    assert document.day == DAY
    assert document.dated == "2026-05-20 기준 수치이며 2026-03-31과 비교합니다."
    assert '<html lang="ko">' in as_html(document)


def test_what_was_told_to_us_is_text_on_pages_and_no_formula_in_tables():
    evil = '=HYPERLINK("http://x")<script>alert(1)</script>'
    cells = tuple((Cell(text),) for text in (evil, "@x", "+49 30", "-4.5", "+3.0%", "\tx"))
    document = Document(evil, "", DAY, "", "en", (Table("T", ("C",), cells),))
    page = as_html(document)
    assert "<script" not in page
    assert "&lt;script" in page
    assert STYLE in page
    assert "@media print" in page
    assert "url(" not in page
    told = [row[1] for row in list(csv.reader(io.StringIO(as_csv(document), newline="")))[3:]]
    assert told == ["'" + evil, "'@x", "'+49 30", "-4.5", "+3.0%", "'\tx"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"kind": "PORTFOLIO", "metrics": []}, InvalidDefinitionError),
        ({"kind": "PORTFOLIO", "metrics": [SCORE], "account": 1}, InvalidDefinitionError),
        ({"kind": "QUARTERLY_REVIEW", "metrics": [SCORE]}, InvalidDefinitionError),
        ({"kind": "QUARTERLY_REVIEW", "metrics": [SCORE], "account": 99_999}, UnsoundReportError),
        ({"kind": "PORTFOLIO", "metrics": ["churn.logo"]}, UnsoundReportError),
        ({"kind": "ROADMAP", "metrics": [SCORE]}, UnsoundReportError),
        ({"kind": "PORTFOLIO", "metrics": [SCORE], "every": "WEEK"}, InvalidDefinitionError),
    ],
)
def test_a_report_of_what_there_is_not_is_refused(acme, body, error):
    with tenant_scope(acme):
        with pytest.raises(error, match="Remedy"):
            create_report("x", body)
        assert reports() == []


@pytest.mark.parametrize(
    ("every", "day", "start", "next_start"),
    [
        ("WEEK", date(2026, 3, 29), date(2026, 3, 23), date(2026, 3, 30)),
        ("MONTH", date(2026, 1, 31), date(2026, 1, 1), date(2026, 2, 1)),
        ("QUARTER", date(2026, 12, 31), date(2026, 10, 1), date(2027, 1, 1)),
        ("QUARTER", date(2026, 1, 1), date(2026, 1, 1), date(2026, 4, 1)),
    ],
)
def test_periods_begin_where_the_calendar_has_it(every, day, start, next_start):
    assert period_start(Every(every), day) == start
    assert following(Every(every), start) == next_start


def test_the_hour_is_the_tenants_over_changes_of_its_clocks():
    body = ReportBody(kind="PORTFOLIO", metrics=(SCORE,), every="WEEK", channel=1, hour=2)
    for zone in ("Europe/Berlin", "America/New_York", "Asia/Seoul", "Pacific/Apia"):
        moments = [
            sent_at(body, date(2026, 1, 5) + timedelta(weeks=week), ZoneInfo(zone)) for week in range(52)
        ]
        assert {one.hour for one in moments} == {2}
        assert moments == sorted(moments)


def turn(tenant) -> None:
    with shared_scope():
        Agenda.objects.filter(tenant_id=tenant.id, task=schedule.NAME).update(
            due_at=datetime(2026, 1, 1, tzinfo=UTC)
        )
    schedule.TASK.work(tenant, threading.Event())


def test_a_report_is_sent_once_a_period_by_its_channel(acme, globex, north, receiver, monkeypatch):
    clock = iter(
        [
            datetime(2026, 5, 20, 12, tzinfo=UTC),  # the week under way is not made up for
            datetime(2026, 5, 25, 4, 59, tzinfo=UTC),  # Monday, a minute before seven in Berlin
            datetime(2026, 5, 25, 5, 0, tzinfo=UTC),
            datetime(2026, 5, 27, tzinfo=UTC),
            datetime(2026, 7, 1, tzinfo=UTC),  # after an outage the newest alone
            datetime(2026, 8, 1, tzinfo=UTC),
        ]
    )
    monkeypatch.setattr(schedule, "database_now", lambda: next(clock))
    with tenant_scope(acme):
        number = channels.create_channel("Hook", {"kind": "WEBHOOK", "url": receiver.url}).channel.number
        create_report(
            "Week", {"kind": "PORTFOLIO", "metrics": [SCORE], "every": "WEEK", "channel": number, "hour": 7}
        )
    turn(acme)
    turn(acme)
    with tenant_scope(acme):
        assert not Delivery.objects.exists()
    turn(acme)
    turn(acme)
    with tenant_scope(acme):
        (sent,) = Delivery.objects.all()
    assert sent.message["subject"].startswith("Portfolio (2026-")
    assert "<style>" in sent.message["data"]["html"]
    turn(acme)
    with tenant_scope(acme):
        assert Delivery.objects.count() == 2
        retire_report(reports()[0].number)
    turn(acme)
    with tenant_scope(acme):
        assert Delivery.objects.count() == 2
    with tenant_scope(globex):
        assert not Delivery.objects.exists()


def test_a_report_is_made_written_and_sent_by_command(acme, north, receiver, capsys, tmp_path):
    at = ["--tenant", acme.slug]
    with tenant_scope(acme), transaction.atomic():
        number = channels.create_channel("Hook", {"kind": "WEBHOOK", "url": receiver.url}).channel.number
    call_command(
        "report",
        "create",
        "Review",
        "--kind",
        "quarterly_review",
        "--metric",
        SCORE,
        "--account",
        "north",
        *at,
    )
    call_command(
        "report",
        "write",
        "Review",
        "--format",
        "html",
        "--out",
        str(tmp_path / "r.html"),
        "--on",
        "2026-05-20",
        *at,
    )
    assert "55 points" in (tmp_path / "r.html").read_text("utf-8")
    call_command("report", "send", "Review", "--channel", str(number), *at)
    with tenant_scope(acme):
        assert Delivery.objects.get().cause.startswith("report")
        with pytest.raises(UnsoundReportError, match="Remedy"):
            send_report(reports()[0].number)
    assert "quarterly_review" in capsys.readouterr().out


def test_a_report_goes_as_mail_with_its_page_to_the_team_alone(acme, north, mails):
    with tenant_scope(acme):
        team = channels.create_channel("Team", {"kind": "MAIL", "to": ["kim@acme.example"]}).channel.number
        persons = channels.create_channel("Persons", {"kind": "PERSONS"}).channel.number
        one = create_report("Week", {"kind": "PORTFOLIO", "metrics": [SCORE]})
        send_report(one.number, to=team)
        with pytest.raises(UnsoundReportError, match="team"):
            send_report(one.number, to=persons)
    deliver(acme)
    (mail,) = mails.mails
    page = mail.get_body(["html"]).get_content()
    assert "North &amp; &lt;Sons&gt;" in page
    assert 'href="http://localhost:8000/app/accounts/' in page
    assert "North & <Sons>" in mail.get_body(["plain"]).get_content()
