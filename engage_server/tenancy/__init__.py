"""Tenants: the wall. Scopes, schemas, roles, onboarding and migration; the only user of django_tenants."""
