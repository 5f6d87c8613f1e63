"""Feature and product adoption for Engage."""
