"""Files on their way in: CSV, NDJSON and Parquet become items, batch by batch, and rows that cannot become rejects."""
