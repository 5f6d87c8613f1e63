"""Rows of a query become a Parquet file block by block, and none is lost between two blocks."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from psycopg import sql

from engage_server.tenancy import parquet
from engage_server.tenancy.scope import TenantRef, tenant_scope

ROWS = 500
QUERY = sql.SQL("""
    SELECT n AS number, repeat('\\"', n) || chr(10) AS text, n / 4::numeric AS exact,
           CASE WHEN n > 490 THEN n END AS late
    FROM generate_series(1, {}) n
""").format(sql.Literal(ROWS))


@pytest.mark.parametrize("block", [1, 997, 1_000_000])
def test_a_file_of_many_blocks_and_row_groups_holds_every_row_in_order(
    acme: TenantRef, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(parquet, "BLOCK_BYTES", block)
    monkeypatch.setattr(parquet, "GROUP_BYTES", 100 * block)
    with tenant_scope(acme):
        assert parquet.write_parquet(QUERY, tmp_path / "rows.parquet") == ROWS
    assert [file.name for file in tmp_path.iterdir()] == ["rows.parquet"]
    frame = pl.read_parquet(tmp_path / "rows.parquet")
    assert frame["number"].to_list() == list(range(1, ROWS + 1))
    assert frame["text"].to_list() == ['\\"' * number + "\n" for number in range(1, ROWS + 1)]
    assert frame["exact"][2] == Decimal("0.75")
    assert frame["late"].to_list() == [None] * 490 + list(range(491, ROWS + 1))
