"""Stickiness for Engage: how often those who are active come back."""
