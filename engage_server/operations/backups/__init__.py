"""Writes backups of an installation, or of one tenant of it, and restores from them."""
