"""Customer satisfaction as a metric plugin."""
