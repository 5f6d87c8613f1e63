"""Finds exports in the data directory that hold an erased person. Such a copy is removed whole: it can be made again."""

import json
import re
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import polars as pl
from django.conf import settings

from engage_server.privacy.exceptions import ExportUnderWayError
from engage_server.tenancy.export import abandoned_exports
from engage_server.tenancy.scope import current_tenant

MANIFEST: Final = "manifest.json"
PERSONS: Final = "customers_person"


def exports_directory() -> Path:
    """Where exports are written by default."""
    return Path(settings.ENGAGE_DATA_DIR) / "exports"


def remove_exports_with(persons: Collection[int]) -> int:
    """Remove the exports of the tenant in scope that hold one of these persons; return how many.

    Raises:
        ExportUnderWayError: one of the tenant's is being written.
    """
    directory = exports_directory()
    if not directory.exists():
        return 0
    abandoned = abandoned_exports(directory)
    slug = current_tenant().slug
    named = re.compile(rf"{re.escape(slug)}-[0-9]{{8}}T[0-9]+\.partial\Z")
    for partial in [path for path in directory.iterdir() if named.match(path.name)]:
        if partial not in abandoned:
            raise ExportUnderWayError(
                f"The tenant {slug!r} is being exported. The erasure goes on when the export is done."
            )
        shutil.rmtree(partial)
    found = [
        manifest.parent
        for manifest in sorted(directory.glob(f"*/{MANIFEST}"))
        if _is_ours(json.loads(manifest.read_text())) and _holds(manifest.parent, persons)
    ]
    for folder in found:
        shutil.rmtree(folder)
    return len(found)


def _is_ours(manifest: dict[str, Any]) -> bool:
    tenant = current_tenant()
    # Exports of earlier releases do not name the schema, which unlike the slug never changes.
    return bool(
        manifest["schema"] == tenant.schema if "schema" in manifest else manifest["tenant"] == tenant.slug
    )


def _holds(folder: Path, persons: Collection[int]) -> bool:
    return any(
        not _ids(file).filter(pl.col("id").is_in(list(persons))).collect().is_empty()
        for file in _files(folder)
    )


def _files(folder: Path) -> list[Path]:
    return [*folder.glob(f"{PERSONS}.csv.gz"), *folder.glob(f"{PERSONS}.parquet")]


def _ids(file: Path) -> pl.LazyFrame:
    frame = pl.scan_parquet(file) if file.suffix == ".parquet" else pl.scan_csv(file, infer_schema=False)
    return frame.select(pl.col("id").cast(pl.Int64))
