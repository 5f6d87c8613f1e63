"""`manage.py import` from file to tables: counts add up, repeats are harmless, one bad row costs itself."""

import json
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from engage_server.activity.models import Event
from engage_server.customers.models import Account, Membership, Person, Subscription, SurveyResponse
from engage_server.operations.conventions import set_placeholder_ids
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, tenant_scope
from engage_server.tenancy.services import set_status

NOT_ALL_TAKEN = 3
HEADER = "message_id,name,person,occurred_at\n"
TWO_EVENTS = HEADER + "m1,opened,ada,2024-03-01T12:00:00Z\nm2,closed,ada,2024-03-01T13:00:00Z\n"


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def imported(kind: str, name: str, content: str | None = None, *options: str, tenant: str = "acme") -> dict:
    if content is not None:
        Path(name).write_text(content)
    out = StringIO()
    try:
        call_command("import", kind, name, "--tenant", tenant, "--json", *options, stdout=out)
    except CommandError as error:
        if error.returncode != NOT_ALL_TAKEN:
            raise
    return json.loads(out.getvalue())


def counts(summary: dict) -> tuple[int, int, int, int]:
    return summary["read"], summary["stored"], summary["duplicates"], summary["rejected"]


def rejects(name: str) -> list[dict]:
    return [json.loads(line) for line in Path(name).read_text().splitlines()]


def event_ids(tenant: TenantRef) -> set[str]:
    with tenant_scope(tenant):
        return set(Event.objects.values_list("message_id", flat=True))


def test_events_are_stored_once_however_often_the_file_is_imported(acme, globex):
    assert counts(imported("events", "e.csv", TWO_EVENTS)) == (2, 2, 0, 0)
    assert counts(imported("events", "again.csv", TWO_EVENTS)) == (2, 0, 2, 0)
    assert event_ids(acme) == {"m1", "m2"}
    assert event_ids(globex) == set()
    assert not list(Path().glob("*.rejects.ndjson"))


def test_the_same_events_from_parquet_are_duplicates_of_those_from_csv(acme):
    imported("events", "e.csv", TWO_EVENTS)
    frame = pl.read_csv("e.csv").with_columns(pl.col("occurred_at").str.to_datetime(time_zone="UTC"))
    frame.write_parquet("e.parquet")
    assert counts(imported("events", "e.parquet")) == (2, 0, 2, 0)


def test_another_source_has_message_ids_of_its_own(acme):
    imported("events", "e.csv", TWO_EVENTS)
    assert counts(imported("events", "e.csv", None, "--source", "crm")) == (2, 2, 0, 0)


def test_an_id_repeated_with_other_content_is_a_conflict_and_with_the_same_a_duplicate(acme):
    content = TWO_EVENTS + "m1,opened,ada,2024-03-01T12:00:00Z\nm2,deleted,ada,2024-03-01T13:00:00Z\n"
    for batch_size in ("2", "5000"):
        summary = imported(
            "events", "e.csv", content, "--source", f"by {batch_size}", "--batch-size", batch_size
        )
        assert counts(summary) == (4, 2, 1, 1)
        (conflict,) = rejects("e.rejects.ndjson")
        assert (conflict["_row"], conflict["_code"], conflict["name"]) == (4, "CONFLICT", "deleted")


def test_a_row_that_the_database_refuses_costs_itself_and_not_its_batch(acme):
    lines = [
        {"message_id": f"m{n}", "name": "opened", "person": "ada", "occurred_at": "2024-03-01T12:00:00Z"}
        for n in range(7)
    ]
    lines[4]["properties"] = {"note": "\0"}
    summary = imported("events", "e.ndjson", "\n".join(map(json.dumps, lines)))
    assert counts(summary) == (7, 6, 0, 1)
    (refused,) = rejects(summary["rejects"])
    assert (refused["_row"], refused["_code"]) == (5, "DATABASE_ERROR")
    assert event_ids(acme) == {"m0", "m1", "m2", "m3", "m5", "m6"}


def test_corrected_rejects_can_be_imported_with_the_same_mapping(acme):
    mapping = ("--map", "message_id=id,occurred_at=at", "--set", "name=opened")
    summary = imported("events", "e.csv", "id,person,at\nm1,ada,2024-03-01\nm2,bob,soon\n", *mapping)
    assert counts(summary) == (2, 1, 0, 1)
    corrected = Path(summary["rejects"]).read_text().replace("soon", "2024-03-02")
    assert counts(imported("events", "corrected.ndjson", corrected, *mapping)) == (1, 1, 0, 0)
    assert event_ids(acme) == {"m1", "m2"}


def test_a_dry_run_checks_every_row_and_stores_none(acme):
    summary = imported(
        "events", "e.csv", TWO_EVENTS + "m3,,ada,2024-03-01\n", "--dry-run", "--rejects", "r.ndjson"
    )
    assert counts(summary) == (3, 2, 0, 1)
    assert rejects("r.ndjson")[0]["_code"] == "MISSING_FIELD"
    assert event_ids(acme) == set()


def test_a_file_whose_rows_are_all_rejected_fails(acme):
    with pytest.raises(CommandError, match=r"No row could be taken.*e\.rejects\.ndjson"):
        imported("events", "e.csv", HEADER + "m1,opened,ada,soon\n")


def test_an_empty_file_is_no_failure(acme):
    assert counts(imported("events", "e.csv", HEADER)) == (0, 0, 0, 0)


def test_customers_and_their_answers_come_from_files_too(acme):
    imported(
        "accounts", "a.csv", "external_id,parent,industry\nsub,top,retail\ntop,,\n", "--traits", "industry"
    )
    imported(
        "persons",
        "p.csv",
        "user,bot\nada,no\nada,no\ncrawler,yes\n",
        "--map",
        "external_id=user,is_excluded=bot",
    )
    imported("memberships", "m.csv", "person,account,starts_at\nada,sub,2024-01-01\n")
    imported(
        "subscriptions", "s.csv", "external_id,account,starts_on,interval_months\ns1,top,2024-01-01,annual\n"
    )
    nps = ("--set", "instrument=nps,scale=0-10,direction=UP")
    imported("responses", "r.csv", "external_id,occurred_at,person,score\nr1,2024-03-01,ada,\n", *nps)
    with tenant_scope(acme):
        sub = Account.objects.select_related("parent").get(external_id="sub")
        assert (sub.parent.external_id, sub.traits) == ("top", {"industry": "retail"})
        assert dict(Person.objects.values_list("external_id", "is_excluded")) == {
            "ada": False,
            "crawler": True,
        }
        assert Membership.objects.get().account_id == sub.pk
        assert Subscription.objects.get().interval_months == 12
        assert SurveyResponse.objects.get().score is None


def test_feedback_comes_from_files_into_one_tenant_and_is_known_again(acme, globex):
    rows = 'id,day,said,labels,about,by\nf1,2024-03-01,Slow.,"UI; Speed",nps.score,staff\nf2,2024-03-02,Fine.,,,\n'
    mapping = ("--map", "external_id=id,occurred_at=day,text=said,tags=labels,metric=about,given_by=by")
    assert counts(imported("feedback", "f.csv", rows, *mapping)) == (2, 2, 0, 0)
    assert counts(imported("feedback", "f.csv", rows, *mapping)) == (2, 0, 2, 0)
    with tenant_scope(acme):
        fields = ("instrument", "text", "tags", "metric", "given_by", "scale_min", "score")
        assert [*SurveyResponse.objects.order_by("external_id").values_list(*fields)] == [
            ("feedback", "Slow.", ["speed", "ui"], "nps.score", "STAFF", None, None),
            ("feedback", "Fine.", [], "", "CUSTOMER", None, None),
        ]
    with tenant_scope(globex):
        assert not SurveyResponse.objects.exists()


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("tags", "x" * 61, "INVALID_TAGS"),
        ("tags", "[1]", "INVALID_TAGS"),
        ("metric", "nps", "INVALID_METRIC"),
        ("given_by", "robot", "INVALID_CHOICE"),
        ("text", "", "MISSING_FIELD"),
    ],
)
def test_feedback_that_cannot_be_filed_is_rejected(acme, column, cell, code):
    row = {"external_id": "f", "occurred_at": "2024-03-01", "text": "Slow.", column: cell}
    good = {name: "g" if name == "external_id" else value for name, value in row.items()} | {column: ""}
    rows = "\n".join(
        [",".join(row), ",".join(row.values()), ",".join({**good, "text": "Fine."}.values()), ""]
    )
    summary = imported("feedback", "f.csv", rows, "--rejects", "r.ndjson")
    assert counts(summary) == (2, 1, 0, 1)
    assert rejects("r.ndjson")[0]["_code"] == code


def test_a_surveys_answer_takes_tags_and_a_metric_too(acme):
    nps = ("--set", "instrument=nps,scale=0-10,direction=UP,metric=nps.score,tags=price;speed")
    imported("responses", "r.csv", "external_id,occurred_at,score,text\nr1,2024-03-01,3,Dear.\n", *nps)
    with tenant_scope(acme):
        response = SurveyResponse.objects.get()
    assert (response.text, response.tags, response.metric) == ("Dear.", ["price", "speed"], "nps.score")


def test_a_parent_that_would_close_a_circle_is_reported_and_the_account_kept(acme):
    summary = imported("accounts", "a.csv", "external_id,parent\na,b\nb,a\n")
    assert (counts(summary), summary["incomplete"]) == ((2, 2, 0, 0), 1)
    (part,) = rejects(summary["rejects"])
    assert part["_code"] == "CIRCULAR_PARENT"
    with tenant_scope(acme):
        assert Account.objects.filter(parent=None).count() == 1


def test_what_cannot_be_mapped_fails_before_anything_is_stored(acme):
    with pytest.raises(CommandError, match="--map message_id=message_id"):
        imported("events", "e.csv", TWO_EVENTS, "--map", "name=nmae")
    assert event_ids(acme) == set()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--batch-size", "0"), "--batch-size"),
        (("--source", "x" * 64), "--source"),
        (("--rejects", "e.csv"), "overwrite"),
    ],
)
def test_options_out_of_bounds_are_refused(acme, options, said):
    with pytest.raises(CommandError, match=said):
        imported("events", "e.csv", TWO_EVENTS, *options)


def test_an_unknown_tenant_is_named(db):
    with pytest.raises(CommandError, match="nobody"):
        imported("events", "e.csv", TWO_EVENTS, tenant="nobody")


def test_a_suspended_tenant_takes_nothing(acme):
    set_status("acme", Tenant.Status.SUSPENDED)
    with pytest.raises(CommandError, match="suspended"):
        imported("events", "e.csv", TWO_EVENTS)


def test_the_summary_is_a_line_for_people(acme):
    Path("e.csv").write_text(TWO_EVENTS + "m3,opened,ada,soon\n")
    out = StringIO()
    with pytest.raises(CommandError, match="1 rows were not taken") as failure:
        call_command("import", "events", "e.csv", "--tenant", "acme", stdout=out)
    assert failure.value.returncode == NOT_ALL_TAKEN
    assert out.getvalue() == "read 3 · stored 2 · duplicate 0 · rejected 1\nrejects: e.rejects.ndjson\n"


def test_rows_of_placeholder_ids_are_rejected_in_every_kind(acme, globex):
    events = HEADER + "m1,opened,undefined,2024-03-01T12:00:00Z\nm2,opened,ada,2024-03-01T12:00:00Z\n"
    assert counts(imported("events", "e.csv", events)) == (2, 1, 0, 1)
    assert rejects("e.rejects.ndjson")[0]["_code"] == "PLACEHOLDER_ID"
    members = "person,account,starts_at\nada,(null),2024-03-01\n0,bluebird,2024-03-01\n"
    with pytest.raises(CommandError):
        imported("memberships", "m.csv", members)
    accounts = "external_id,parent\nbluebird,[object Object]\nkite,bluebird\nGuest,\n"
    assert counts(imported("accounts", "a.csv", accounts)) == (3, 1, 0, 2)
    with tenant_scope(acme):
        assert set(Account.objects.values_list("external_id", flat=True)) == {"kite", "bluebird"}
        assert set(Person.objects.values_list("external_id", flat=True)) == {"ada"}
    with tenant_scope(globex):
        assert not Account.objects.exists()


def test_a_tenants_own_placeholder_ids_are_rejected_in_its_files_alone(acme, globex):
    set_placeholder_ids("acme", ["UNBEKANNT"])
    events = HEADER + "m1,opened,Unbekannt,2024-03-01T12:00:00Z\nm2,opened,ada,2024-03-01T12:00:00Z\n"
    assert counts(imported("events", "e.csv", events)) == (2, 1, 0, 1)
    assert counts(imported("events", "e.csv", tenant="globex")) == (2, 2, 0, 0)
