"""Brings an installation through what befalls it: each change that stands in the audit log, by its noun, and backups."""
