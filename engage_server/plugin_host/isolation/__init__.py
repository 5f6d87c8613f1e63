"""Plugins in processes of their own: killed at their limits, without the server's environment."""
