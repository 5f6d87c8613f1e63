"""Engage: events, accounts, surveys, seats and revenue in one server."""
