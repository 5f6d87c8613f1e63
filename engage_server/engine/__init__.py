"""Schedules, the run ledger, dispatcher and worker; the tenants' life cycle."""
