"""First-week engagement for Engage."""
