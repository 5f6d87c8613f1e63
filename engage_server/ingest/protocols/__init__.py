"""Tracking protocols: each turns its requests into items and words its answers."""
