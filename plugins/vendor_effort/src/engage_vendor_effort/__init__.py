"""The vendor's side of the relationship: contacts with each account, and the time to the first response."""

from engage_vendor_effort.plugin import plugin

__version__ = "0.1.0"
__all__ = ["__version__", "plugin"]
