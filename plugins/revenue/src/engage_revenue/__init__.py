"""Recurring revenue as a metric plugin."""
