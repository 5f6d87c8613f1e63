"""Tracking protocols: each turns its dialect into items and answers in it."""
