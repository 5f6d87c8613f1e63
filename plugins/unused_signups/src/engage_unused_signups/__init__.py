"""Unused sign-ups for Engage."""
