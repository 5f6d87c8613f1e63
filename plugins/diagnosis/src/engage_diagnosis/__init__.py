"""Hints at causes, by rules over the values of several metrics, as a metric plugin."""
