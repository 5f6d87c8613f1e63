"""Brings the schemas of all tenants up to date."""
