"""Task completion for Engage."""
