"""License utilization for Engage."""
