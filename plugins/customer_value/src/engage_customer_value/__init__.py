"""Customer lifetime value as a metric plugin."""
