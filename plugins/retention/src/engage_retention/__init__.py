"""Retention for Engage."""
