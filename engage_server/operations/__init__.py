"""Brings an installation, or one tenant of it, through what befalls it: backups, and what is restored from them."""
