"""Conversion for Engage."""
