"""Warns of accounts whose use falls against their own baseline, as a metric plugin."""
