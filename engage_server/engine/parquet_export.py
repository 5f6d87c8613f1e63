"""Exports a tenant as Parquet files: its events as the import takes them, and every table that is not made of them."""

from pathlib import Path
from typing import Any, Final

from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from engage_server.activity.export import export_events
from engage_server.activity.models import DayBitmap, Event, EventDelta, PersonDay, PersonState, RollupState
from engage_server.tenancy.export import export_folder, tables_of
from engage_server.tenancy.parquet import write_parquet
from engage_server.tenancy.scope import TenantRef

# The roll-ups follow from the events; these are written with names instead of numbers.
LEFT_OUT: Final = frozenset(
    {
        MigrationRecorder.Migration._meta.db_table,
        *(
            model._meta.db_table
            for model in (DayBitmap, Event, EventDelta, PersonDay, PersonState, RollupState)
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
        for table in tables_of(tenant)
        if table not in LEFT_OUT
    }
    events = export_events(folder)
    return {
        "rows": rows,
        "events": {file: {"source": source, "rows": count} for file, (source, count) in events.items()},
    }
