"""Exports of PostHog, Mixpanel and Amplitude, as their tools write them: the same story from each, stored once."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from engage_server.activity.models import Event, EventName
from engage_server.customers.models import Account, PersonAlias
from engage_server.tenancy.scope import TenantRef, tenant_scope

FILES = {
    name: Path(__file__).parent / "exports" / file
    for name, file in {
        "amplitude": "amplitude.json",
        "mixpanel": "mixpanel.jsonl",
        "posthog": "posthog.jsonl",
    }.items()
}
each_tool = pytest.mark.parametrize("tool", FILES)


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def imported(tool: str, *options: str, file: Path | None = None) -> dict:
    out = StringIO()
    try:
        call_command(
            "import", tool, str(file or FILES[tool]), "--tenant", "acme", "--json", *options, stdout=out
        )
    except CommandError as error:
        if error.returncode != 3:
            raise
    return json.loads(out.getvalue())


def counts(summary: dict) -> tuple[int, int, int]:
    return summary["stored"], summary["duplicates"], summary["rejected"]


def roots(tenant: TenantRef) -> dict[str, int]:
    with tenant_scope(tenant):
        return {
            alias.alias: alias.person.merged_into_id or alias.person_id
            for alias in PersonAlias.objects.select_related("person")
        }


@each_tool
def test_events_persons_and_accounts_of_an_export_are_stored_and_a_second_import_stores_none(
    acme, globex, tool
):
    first = imported(tool)
    assert counts(first) == (3, 0, 1)
    assert first["described"] == (1 if tool == "posthog" else 0)
    with tenant_scope(acme):
        exported = Event.objects.filter(name__name="Report Exported").order_by("occurred_at")
        assert [(event.properties["rows"], event.occurred_at.hour) for event in exported] == [
            (12, 12),
            (3, 13),
        ]
        assert exported[0].occurred_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
        assert exported[0].account == Account.objects.get(external_id="acct-1")
        assert Event.objects.count() == 3
        assert [name.name for name in EventName.objects.filter(event_class="VALUE")] == ["Report Exported"]
    assert roots(acme)["phone"] == roots(acme)["ada"]
    assert counts(imported(tool)) == (0, 3, 1)
    with tenant_scope(acme):
        assert Event.objects.count() == 3
    with tenant_scope(globex):
        assert not Event.objects.exists()


@each_tool
def test_a_rejected_line_is_written_as_it_was_and_can_be_corrected(acme, tool):
    (line,) = Path(imported(tool)["rejects"]).read_text().splitlines()
    told = json.loads(line)
    assert told["_code"] == "INVALID_TIMESTAMP"
    assert told["_row"] == len(FILES[tool].read_text().splitlines())
    good = {
        "mixpanel": "1772380000",
        "amplitude": '"2026-03-02 10:00:00"',
        "posthog": '"2026-03-02T10:00:00Z"',
    }[tool]
    Path("corrected.jsonl").write_text(line.replace('"late"', good))
    assert counts(imported(tool, file=Path("corrected.jsonl"))) == (1, 0, 0)


@each_tool
def test_a_dry_run_checks_every_line_and_stores_none(acme, tool):
    assert counts(imported(tool, "--dry-run")) == (3, 0, 1)
    with tenant_scope(acme):
        assert not Event.objects.exists()
        assert not PersonAlias.objects.exists()


@each_tool
def test_an_export_comes_in_batches_of_any_size(acme, tool):
    assert counts(imported(tool, "--batch-size", "1")) == (3, 0, 1)
    assert counts(imported(tool, "--batch-size", "2")) == (0, 3, 1)


def test_lines_that_are_no_objects_cost_themselves(acme):
    text = FILES["posthog"].read_text().splitlines()[0]
    Path("e.jsonl").write_text(f'{text}\nnonsense\n[1]\n\n{{"event": "E", "properties": "none"}}\n')
    summary = imported("posthog", file=Path("e.jsonl"))
    assert (summary["read"], *counts(summary)) == (4, 1, 0, 3)
    rejects = [json.loads(line) for line in Path(summary["rejects"]).read_text().splitlines()]
    assert [(one["_row"], one["_code"]) for one in rejects] == [(n, "INVALID_JSON") for n in (2, 3, 5)]


def test_an_export_needs_no_mapping_and_a_file(acme):
    with pytest.raises(CommandError, match="as it is"):
        imported("posthog", "--map", "name=event")
    with pytest.raises(CommandError, match="no file"):
        imported("posthog", file=Path("missing.jsonl"))
