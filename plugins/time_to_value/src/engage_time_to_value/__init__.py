"""Time to value for Engage."""
