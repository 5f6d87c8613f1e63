"""Every format gives the same batches, and damage is either one row's or named."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from engage_server.ingest.imports import parquet_files
from engage_server.ingest.imports.exceptions import UnreadableFileError
from engage_server.ingest.imports.formats import open_source
from engage_server.ingest.imports.sources import Batch, Source

CSV = "id,name\n1,Ada\n2,Grace\n3,Edith\n"
NDJSON = '{"id": "1", "name": "Ada"}\n{"id": "2", "name": "Grace"}\n{"id": "3", "name": "Edith"}\n'


def write(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def batches(source: Source, size: int = 2) -> list[Batch]:
    return list(source.batches(["name", "id"], size))


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.CSV", "a.ndjson", "a.jsonl.gz", "a.parquet"])
def test_every_format_gives_the_same_rows_in_order(tmp_path, name):
    path = tmp_path / name
    if path.suffix == ".parquet":
        pl.DataFrame({"id": ["1", "2", "3"], "name": ["Ada", "Grace", "Edith"]}).write_parquet(path)
    else:
        write(path, CSV if "csv" in name.lower() else NDJSON)
    source = open_source(path)
    read = batches(source)
    assert source.columns == ("id", "name")
    assert [cell for batch in read for cell in batch.columns["name"].to_list()] == ["Ada", "Grace", "Edith"]
    assert [place for batch in read for place in batch.places] == [0, 1, 2]
    assert max(len(batch.places) for batch in read) == 2
    assert source.fraction() == 1.0


def test_a_csv_row_of_another_length_costs_itself_alone(tmp_path):
    path = write(tmp_path / "a.csv", "id,name\n1,Ada\n2\n3,Edith,x\n\n4,Mary\n")
    (batch,) = batches(open_source(path), size=10)
    assert batch.columns["id"].to_list() == ["1", "4"]
    assert list(batch.places) == [0, 4]
    assert [(reject.index, reject.code) for reject in batch.rejects] == [
        (1, "MALFORMED_ROW"),
        (2, "MALFORMED_ROW"),
    ]
    assert "line 4 has 3 values where the header has 2" in batch.rejects[1].message


def test_a_quote_that_never_closes_does_not_swallow_the_rest_of_a_long_file(tmp_path):
    path = write(tmp_path / "a.csv", 'id,name\n1,"Ada\n' + "2,Grace\n" * 30_000)
    read = batches(open_source(path), size=50_000)
    assert any(reject.code == "MALFORMED_ROW" for batch in read for reject in batch.rejects)
    assert sum(len(batch.places) for batch in read) > 10_000


def test_a_byte_order_mark_is_not_part_of_the_first_name(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" + CSV.encode())
    assert open_source(path).columns == ("id", "name")


def test_a_csv_without_rows_gives_none(tmp_path):
    assert (
        sum(len(batch.places) for batch in batches(open_source(write(tmp_path / "a.csv", "id,name\n")))) == 0
    )


def test_members_of_nested_objects_are_columns(tmp_path):
    path = write(
        tmp_path / "a.ndjson", '{"event": "x", "properties": {"$insert_id": "1", "n": 2}}\n{"event": "y"}\n'
    )
    source = open_source(path)
    assert source.columns == ("event", "properties", "properties.$insert_id", "properties.n")
    (batch,) = source.batches(["properties.n", "properties"], 10)
    assert batch.columns["properties.n"].to_list() == [2, None]
    assert batch.columns["properties"].to_list() == [{"$insert_id": "1", "n": 2}, None]


def test_an_ndjson_line_that_is_no_object_costs_itself_alone(tmp_path):
    path = write(
        tmp_path / "a.ndjson", '{"id": 1, "name": "Ada"}\n\n[1]\n{"id":\n{"id": 2, "name": "Grace"}\n'
    )
    (batch,) = batches(open_source(path), size=10)
    assert batch.columns["id"].to_list() == [1, 2]
    assert list(batch.places) == [0, 4]
    assert [reject.index for reject in batch.rejects] == [2, 3]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"", "tells no format"),
        ("a.csv", b"", "header"),
        ("a.csv", b"id,id\n", "twice"),
        ("a.csv", "id,größe\n".encode("latin-1"), "not in utf-8"),
        ("a.csv.gz", gzip.compress(CSV.encode(), mtime=0)[:-12], "damaged"),
        ("a.csv.gz", CSV.encode(), "damaged"),
        ("a.ndjson", b"[\n", "no JSON object"),
        ("a.parquet", b"id,name\n", "cannot be read as Parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=said):
        batches(open_source(path))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableFileError, match=r"There is no file .*gone\.csv"):
        open_source(tmp_path / "gone.csv")


def test_a_parquet_record_with_a_list_can_be_shown(tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"id": [[1, 2]], "name": ["Ada"]}).write_parquet(path)
    (batch,) = batches(open_source(path))
    assert batch.record(0) == {"name": "Ada", "id": [1, 2]}


@pytest.mark.parametrize("row_group", [7, 100])
def test_slices_of_a_parquet_file_follow_each_other_whatever_its_row_groups(tmp_path, monkeypatch, row_group):
    monkeypatch.setattr(parquet_files, "SLICE_ROWS", 10)
    path = tmp_path / "a.parquet"
    pl.DataFrame({"id": range(100), "name": ["Ada"] * 100}).write_parquet(path, row_group_size=row_group)
    source = parquet_files.ParquetSource(path)
    fractions, found = [], []
    for batch in source.batches(["id"], 4):
        assert len(batch.places) <= 4
        assert list(batch.columns) == ["id"]
        assert batch.columns["id"].to_list() == list(batch.places)
        found += batch.places
        fractions.append(source.fraction())
    assert found == list(range(100))
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
