"""Event names of Segment's B2B SaaS and mobile specifications that are no use of the product.

They mark where somebody stands (signed in, on trial), so they enter the dictionary as PASSIVE and without feature.
"Invite Sent" is not among them: inviting a colleague is something done.
"""

from typing import Final

PAGE: Final = "Page Viewed"
SCREEN: Final = "Screen Viewed"

PASSIVE_NAMES: Final = frozenset(
    {
        # B2B SaaS
        "Account Created",
        "Account Deleted",
        "Account Added User",
        "Account Removed User",
        "Signed Up",
        "Signed In",
        "Signed Out",
        "Trial Started",
        "Trial Ended",
        # Mobile
        "Application Installed",
        "Application Opened",
        "Application Updated",
        "Application Backgrounded",
        "Application Foregrounded",
        "Application Crashed",
        "Application Uninstalled",
    }
)
