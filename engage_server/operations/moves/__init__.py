"""Moves a tenant to another installation while it is served."""
