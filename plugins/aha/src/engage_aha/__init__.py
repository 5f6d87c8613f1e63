"""Finds early actions that go with what becomes of people, as a metric plugin."""
