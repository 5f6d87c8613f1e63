"""Refused items: kept with the reason, up to a number and a size, and read again once the cause is gone."""
