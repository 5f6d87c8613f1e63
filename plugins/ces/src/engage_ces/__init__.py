"""Customer effort score as a metric plugin."""
