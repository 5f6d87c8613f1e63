"""Milestones of accounts for Engage."""
