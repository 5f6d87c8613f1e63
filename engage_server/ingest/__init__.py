"""Data on its way in: tracking protocols and file imports."""
