"""Net Promoter Score as a metric plugin."""
