"""Funnels for Engage."""
