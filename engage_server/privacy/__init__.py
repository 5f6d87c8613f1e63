"""Suppresses, erases and hands over what is known of a person; keeps data no longer than the tenant says."""
