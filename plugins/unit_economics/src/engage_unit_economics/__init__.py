"""Unit economics as a metric plugin."""
