"""Accounts, persons and their identity, memberships, subscriptions, survey responses."""
