"""Stored values of metrics, their revisions and how they are read."""
