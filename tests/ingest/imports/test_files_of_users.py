"""Files as databases, spreadsheets and people write them: every row is stored or among the rejects."""

import gzip
import json
import time
from pathlib import Path

import polars as pl
import pytest
from django.core.management.base import CommandError

from engage_server.activity.models import Event
from engage_server.customers.models import Account, Membership, Person, Subscription, SurveyResponse
from engage_server.tenancy.scope import tenant_scope
from tests.ingest.imports.importing import NOT_ALL_TAKEN, accounts, imported, rejects

pytestmark = pytest.mark.usefixtures("in_folder")


# --- words for null


def test_words_that_databases_unload_for_null_are_blank(acme, globex):
    imported("accounts", "a.csv", "external_id,name,parent,plan\nacc,X,\\N,\\N\nb,NULL,(null),nan\n")
    assert accounts(acme) == {"acc": "X", "b": ""}
    assert accounts(globex) == {}
    events = (
        "message_id,name,occurred_at,person,account\n"
        "m1,opened,2026-01-01,\\N,acc\nm2,opened,2026-01-01,ada,NULL\n"
    )
    assert imported("events", "e.csv", events)["stored"] == 2
    with tenant_scope(acme):
        assert not Account.objects.exclude(parent=None).exists()
        assert list(Person.objects.values_list("external_id", flat=True)) == ["ada"]
        assert set(Event.objects.values_list("account__external_id", flat=True)) == {"acc", None}


def test_another_word_for_null_is_told_and_holds_in_every_format(acme):
    imported("accounts", "a.csv", "external_id,name\na,-\nb,NULL\n", "--null", "-")
    lines = '{"external_id": "c", "name": "-"}\n{"external_id": "e", "name": "NULL"}\n'
    imported("accounts", "a.ndjson", lines, "--null", "-")
    pl.DataFrame({"external_id": ["d", "-"], "name": ["-", "y"]}).write_parquet("a.parquet")
    assert imported("accounts", "a.parquet", None, "--null", "-")["status"] == NOT_ALL_TAKEN
    assert accounts(acme) == {"a": "", "b": "", "c": "", "d": "", "e": "NULL"}


# --- quotes that do not close


def with_open_quote(rows: int) -> str:
    lines = [f'acc-{n},"Name, {n}",pro' if n % 1_000 == 0 else f"acc-{n},Name {n},pro" for n in range(rows)]
    lines[5] = 'acc-5,"Screens Ltd,pro'
    return "external_id,name,plan\n" + "\n".join(lines) + "\n"


def test_a_quote_that_does_not_close_costs_its_row_and_no_other(acme):
    summary = imported("accounts", "a.csv", with_open_quote(20_000))
    assert (summary["read"], summary["stored"], summary["rejected"]) == (20_000, 19_999, 1)
    assert summary["status"] == NOT_ALL_TAKEN
    (refused,) = rejects(summary)
    assert (refused["_row"], refused["_line"]) == (6, 'acc-5,"Screens Ltd,pro')
    stored = accounts(acme)
    assert len(stored) == 19_999
    assert stored["acc-1000"] == "Name, 1000"


@pytest.mark.parametrize(
    ("rows", "stored", "refused"),
    [
        (['1,"Ada'], [], 1),  # at the very end
        (['1,"Ada', "2,Grace", '3,"Edith"'], ["2", "3"], 1),
        (['1,"Ada', "2,Grace", '3,"Edith', "4,Mary"], ["2", "4"], 2),
        (['1,"two', 'lines"', "2,Grace"], ["1", "2"], 0),
        (['1,"two', "", 'lines, ""quoted"""', "2,Grace"], ["1", "2"], 0),
        (['1,"Ada" Lovelace', "2,Grace"], ["2"], 1),
        (['1,19" screen', "2,Grace"], ["1", "2"], 0),
        (['1,"Ada', "2,Grace", "3,Edith", "4,Mary", '5",Ann', "6,Joan"], ["2", "3", "4", "5\"", "6"], 1),
    ],
)  # fmt: skip
def test_the_lines_after_a_broken_row_are_read_again(acme, rows, stored, refused):
    summary = imported("accounts", "a.csv", "external_id,name\n" + "\n".join(rows))
    assert (sorted(accounts(acme)), summary["rejected"]) == (sorted(stored), refused)


@pytest.mark.parametrize("line", ['a,"b', 'a"b,"c', 'a","b', 'a,""b'])
def test_a_file_of_nothing_but_open_quotes_is_refused_in_linear_time(acme, line):
    def seconds(lines: int) -> float:
        Path("a.csv").write_text("external_id,name\n" + f"{line}\n" * lines)
        began = time.process_time()
        summary = imported("accounts", "a.csv", None, "--dry-run")
        assert (summary["stored"], summary["status"]) == (0, 1)
        assert sum(row.get("_line", "").count("\n") + 1 for row in rejects(summary)) == lines
        return time.process_time() - began

    seconds(10)
    assert seconds(20_000) < 12 * seconds(4_000) + 1


# --- ids and yes or no as dataframes write them


def test_ids_that_a_dataframe_wrote_as_floats_are_those_of_other_formats(acme):
    events = "message_id,name,occurred_at,person,account\n{}\n"
    imported("events", "e.csv", events.format("m1,1.0,2026-01-01,4711.0,88.0"))
    pl.DataFrame(
        {"message_id": ["m2"], "name": ["x"], "occurred_at": ["2026-01-01"], "person": [4711.0], "account": [88.0]}
    ).write_parquet("e.parquet")  # fmt: skip
    imported("events", "e.parquet")
    line = {"message_id": "m3", "name": "x", "occurred_at": "2026-01-01", "person": 4711.0, "account": 88.0}
    imported("events", "e.ndjson", json.dumps(line))
    with tenant_scope(acme):
        assert set(Event.objects.values_list("person__external_id", "account__external_id")) == {
            ("4711", "88")
        }
        assert Event.objects.filter(name__name="1.0").count() == 1  # a name is no number


def test_an_id_that_lost_digits_in_a_spreadsheet_is_refused(acme):
    summary = imported("accounts", "a.csv", "external_id,name\n1.23457E+17,X\n1E5,Y\n")
    assert [row["_code"] for row in rejects(summary)] == ["ROUNDED_ID"]
    assert accounts(acme) == {"1E5": "Y"}


def test_yes_and_no_may_be_floats_or_python_s_words(acme):
    imported(
        "persons", "p.csv", "external_id,is_excluded\na,1.0\nb,0.0\nc,True\nd,False\n", "--traits", "external_id"
    )  # fmt: skip
    with tenant_scope(acme):
        assert dict(Person.objects.values_list("external_id", "is_excluded")) == {
            "a": True,
            "b": False,
            "c": True,
            "d": False,
        }


# --- headers


def test_a_header_that_a_second_gzip_member_repeats_is_no_row(acme):
    first, second = b"external_id,name\na,X\n", b"\xef\xbb\xbfexternal_id,name\nb,Y\n"
    summary = imported("accounts", "a.csv.gz", gzip.compress(first) + gzip.compress(second))
    assert (summary["read"], summary["status"]) == (2, 0)
    assert accounts(acme) == {"a": "X", "b": "Y"}


def test_a_second_header_in_another_order_ends_the_import(acme):
    with pytest.raises(CommandError, match="second header whose columns stand in another order"):
        imported("accounts", "a.csv", "external_id,name\na,X\nname,external_id\nY,b\n")


def test_unnamed_and_doubled_columns_are_passed_over_and_said(acme):
    summary = imported("accounts", "a.csv", "external_id,name,,\nacc,X,,\n")
    assert accounts(acme) == {"acc": "X"}
    assert "columns without a name, passed over: 2" in summary["said"]
    summary = imported("accounts", "a.csv", "external_id,note,note,name\nb,1,2,Y\n")
    assert accounts(acme)["b"] == "Y"
    assert "note" in summary["said"]


@pytest.mark.parametrize("options", [(), ("--map", "plan=name"), ("--traits", "name")])
def test_a_doubled_column_that_is_asked_for_is_refused(acme, options):
    with pytest.raises(CommandError, match="Several columns are named 'name'"):
        imported("accounts", "a.csv", "external_id,name,name\nacc,X,Y\n", *options)
    assert accounts(acme) == {}


GOOGLE = 'Timestamp,"On a scale of 0-10, how likely are you to recommend us?",Email Address\n'
QUESTION = '"score=On a scale of 0-10, how likely are you to recommend us?"'


def test_a_column_whose_name_has_a_comma_can_be_mapped(acme):
    nps = ("--set", "instrument=nps,scale=0-10,direction=UP")
    names = f"external_id=Timestamp+Email Address,occurred_at=Timestamp,person=Email Address,{QUESTION}"
    imported("responses", "g.csv", GOOGLE + "2026-01-05 10:00:00,9,ada@example.org\n", "--map", names, *nps)
    with tenant_scope(acme):
        assert SurveyResponse.objects.get().score == 9


def test_the_mapping_that_is_proposed_for_such_columns_can_be_pasted(acme):
    with pytest.raises(CommandError) as error:
        imported("accounts", "a.csv", 'account_id,"account_name, ""legal"""\n', "--map", "name=nothing")
    assert "account_id" in str(error.value)


@pytest.mark.parametrize("column", ["a=b", "a,b", 'a "b"', '"a"', "a+b", "a:text", "a\nb", "größe"])
def test_any_column_can_be_named_in_map_and_traits(acme, column):
    quoted = '"' + column.replace('"', '""') + '"'
    entry = '"' + f"name={column}".replace('"', '""') + '"'
    summary = imported(
        "accounts", "a.csv", f"external_id,{quoted}\nacc,X\n", "--map", entry, "--traits", quoted
    )
    assert summary["stored"] == 1
    with tenant_scope(acme):
        account = Account.objects.get()
        assert (account.name, account.traits) == ("X", {column: "X"})


# --- separators, encodings, line ends


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("external_id;name\nacc;X, Ltd\n", "';' (found in the header"),
        ("external_id\tname\nacc\tX, Ltd\n", r"'\t' (found in the header"),
        ('external_id|name\nacc|"X, Ltd"\n', "'|' (found in the header"),
        ("sep=;\r\nexternal_id;name\r\nacc;X, Ltd\r\n", "';' (found in the line sep="),
        ('sep=,\nexternal_id,name\nacc,"X, Ltd"\n', "',' (found in the line sep="),
        ('"sep=;"\nexternal_id;"name, or so";name\nacc;;X, Ltd\n', "';'"),
    ],
)
def test_other_separators_are_found_and_said(acme, content, said):
    assert said in imported("accounts", "a.csv", content)["said"]
    assert accounts(acme) == {"acc": "X, Ltd"}


@pytest.mark.parametrize("told", ["semicolon", ";"])
def test_a_separator_can_be_told(acme, told):
    imported("accounts", "a.csv", "external_id;name,x,y\nacc;X\n", "--separator", told)
    assert accounts(acme) == {"acc": ""}


def test_the_issue_s_file_stores_no_account_with_a_separator_in_its_name(acme):
    imported("accounts", "a.csv", "external_id;x\nacc;1\n")
    assert accounts(acme) == {"acc": ""}


def test_what_is_no_separator_or_no_encoding_is_refused(acme):
    for option in (("--separator", "ab"), ("--separator", '"'), ("--encoding", "klingon")):
        with pytest.raises(CommandError, match="Remedy"):
            imported("accounts", "a.csv", "external_id\nacc\n", *option)
    with pytest.raises(CommandError, match="leave --separator out"):
        imported("accounts", "a.ndjson", '{"external_id": "a"}\n', "--separator", ";")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(acme, encoding):
    imported("accounts", "a.csv", "external_id,name\nacc,Größe\n".encode(encoding))
    imported("accounts", "a.ndjson", '{"external_id": "b", "name": "ключ"}\n'.encode(encoding))
    assert accounts(acme) == {"acc": "Größe", "b": "ключ"}


def test_another_encoding_can_be_told_and_a_foreign_byte_costs_its_row(acme):
    content = "external_id,name\na,Günther\nb,Carl\n".encode("latin-1")
    summary = imported("accounts", "a.csv", content)
    assert (summary["stored"], summary["rejected"], summary["status"]) == (1, 1, NOT_ALL_TAKEN)
    (refused,) = rejects(summary)
    assert refused["_line"] == r"a,G\xfcnther"
    assert "--encoding" in refused["_message"]
    imported("accounts", "a.csv", None, "--encoding", "latin-1")
    assert accounts(acme) == {"a": "Günther", "b": "Carl"}
    lines = '{"external_id": "c", "name": "Günther"}\n{"external_id": "d"}\n'.encode("latin-1")
    assert imported("accounts", "a.ndjson", lines)["rejected"] == 1


def test_a_header_in_utf_16_without_a_mark_is_told_from_others(acme):
    with pytest.raises(CommandError, match="utf-16-le"):
        imported("accounts", "a.csv", "external_id,name\nacc,X\n".encode("utf-16-le"))
    imported("accounts", "a.csv", None, "--encoding", "utf-16-le")
    assert accounts(acme) == {"acc": "X"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blank_lines_and_any_line_end_are_no_rows(acme, end):
    lines = ["external_id,name", "", "a,X", "   ", ",", " , ", "b,Y", ""]
    summary = imported("accounts", "a.csv", end.join(lines))
    assert (summary["read"], summary["rejected"]) == (2, 0)
    lines = ['{"external_id": "c"}', "", "  ", '{"external_id": "d"}']
    assert imported("accounts", "a.ndjson", end.join(lines))["read"] == 2
    assert sorted(accounts(acme)) == ["a", "b", "c", "d"]


def test_a_nul_byte_costs_its_row(acme):
    summary = imported("accounts", "a.csv", "external_id,name,x\na,X\0Y,1\nb,Y,\0\nc,Z,1\n", "--traits", "x")
    assert (summary["stored"], summary["rejected"]) == (1, 2)
    assert accounts(acme) == {"c": "Z"}


def test_a_line_without_end_is_refused_and_what_follows_is_read(acme, monkeypatch):
    long = "x" * 5_000_000
    assert imported("accounts", "a.csv", f"external_id,name\na,{long}\nb,Y\n")["rejected"] == 1
    summary = imported(
        "accounts", "a.ndjson", f'{{"external_id": "c", "name": "{long}"}}\n{{"external_id": "d"}}\n'
    )
    assert summary["rejected"] == 1
    assert "longer than" in rejects(summary)[0]["_message"]
    assert sorted(accounts(acme)) == ["b", "d"]


def test_values_that_a_spreadsheet_was_kept_from_running_are_read_as_they_were(acme):
    cells = {"a": "'=1+1", "b": "'+49 30", "c": "''=1", "d": "'tHooft", "e": "-", "f": "'@x", "g": "'-1"}
    imported("accounts", "a.csv", "external_id,name\n" + "".join(f"{k},{v}\n" for k, v in cells.items()))
    assert accounts(acme) == {
        "a": "=1+1", "b": "+49 30", "c": "'=1", "d": "'tHooft", "e": "-", "f": "@x", "g": "-1"
    }  # fmt: skip


# --- times without end, and in the spelling of others


@pytest.mark.parametrize(
    "end", ["9999-12-31", "infinity", "9999-12-31 23:59:59.999999+00", "\\N", "0000-00-00"]
)
@pytest.mark.parametrize("start", ["-infinity", "0001-01-01", "2026-01-05"])
def test_open_starts_and_ends_are_read_as_such(acme, start, end):
    summary = imported("memberships", "m.csv", f"person,account,starts_at,ends_at\na,acc,{start},{end}\n")
    assert summary["stored"] == 1
    imported("subscriptions", "s.csv", f"external_id,account,starts_on,ends_on\ns,acc,{start},{end}\n")
    imported("accounts", "a.csv", f"external_id,started_at\nacc,{start}\n")
    with tenant_scope(acme):
        membership, subscription = Membership.objects.get(), Subscription.objects.get()
        assert (membership.ends_at, subscription.ends_on) == (None, None)
        assert {membership.starts_at.year, subscription.starts_on.year} == {
            2026 if start.startswith("2026") else 1970
        }
        assert (Account.objects.get().started_at is None) == (not start.startswith("2026"))


def test_an_event_at_no_time_is_refused(acme):
    content = "message_id,name,person,occurred_at\n" + "".join(
        f"m{n},x,ada,{when}\n" for n, when in enumerate(["infinity", "-infinity", "9999-12-31", "0001-01-01"])
    )
    assert imported("events", "e.csv", content)["status"] == 1
