"""Plugins: found, checked, enabled and configured per tenant, called under guard."""
