"""Exports a tenant as Parquet files: what the import takes back, in its order, and every table not made of events.

Values are written as the view that puts their tables together.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from engage_server.activity.export import export_events
from engage_server.activity.models import DayBitmap, Event, EventDelta, PersonDay, PersonState, RollupState
from engage_server.customers.export import AFTER_EVENTS, BEFORE_EVENTS, PortableFile
from engage_server.metrics.models import Computation, DayValue, MeasuredValue, MetricValue, Wording
from engage_server.tenancy.export import export_folder, tables_of
from engage_server.tenancy.parquet import write_parquet
from engage_server.tenancy.scope import TenantRef

VALUES: Final = MetricValue._meta.db_table
# The roll-ups follow from the events; these are written with names instead of numbers.
LEFT_OUT: Final = frozenset(
    {
        MigrationRecorder.Migration._meta.db_table,
        *(
            model._meta.db_table
            for model in (
                DayBitmap,
                Event,
                EventDelta,
                PersonDay,
                PersonState,
                RollupState,
                Computation,
                DayValue,
                MeasuredValue,
                Wording,
            )
        ),
    }
)


def export_parquet(tenant: TenantRef, directory: Path) -> Path:
    """Export the tenant as of one moment; return the new folder below ``directory``."""
    return export_folder(tenant, directory, write=_write)


def _write(tenant: TenantRef, folder: Path) -> dict[str, Any]:
    rows = {
        table: write_parquet(
            sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)), folder / f"{table}.parquet"
        )
        for table in sorted([*tables_of(tenant), VALUES])
        if table not in LEFT_OUT
    }
    before = _write_portable(BEFORE_EVENTS, folder)
    events = export_events(folder)
    live = [
        {"kind": "events", "file": file, "source": of.source, "rows": of.rows}
        for file, of in events.items()
        if not of.is_test
    ]
    return {
        "rows": rows,
        "events": {file: {"source": of.source, "rows": of.rows} for file, of in events.items()},
        "imports": [*before, *live, *_write_portable(AFTER_EVENTS, folder)],
    }


def _write_portable(files: Mapping[str, PortableFile], folder: Path) -> list[dict[str, Any]]:
    """Write the files; return what the manifest says of them, in the order in which they are to be imported."""
    return [
        {
            "kind": portable.kind,
            "file": f"{name}.parquet",
            "rows": write_parquet(portable.query, folder / f"{name}.parquet"),
        }
        for name, portable in files.items()
    ]
