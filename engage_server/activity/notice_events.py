"""Event names of the published specifications (Segment's, for a large part) that are no activity of their person.

Something was done to them, or happened beside them: they enter the dictionary as NOTICE and without feature, whatever
the way in, and make nobody active. What somebody did and is no use of the product (``Signed In``) is PASSIVE.
"""

from typing import Final

NOTICES: Final = frozenset(
    {
        # The account's life, and others' decisions about a person
        "Account Created",
        "Account Deleted",
        "Account Added User",
        "Account Removed User",
        "Trial Started",
        "Trial Ended",
        # Surveys
        "Survey Dismissed",
        # Applications, by themselves
        "Application Backgrounded",
        "Application Crashed",
        "Application Uninstalled",
        "Application Updated",
        "Install Attributed",
        # Messages that reached, or did not
        "Email Bounced",
        "Email Delivered",
        "Email Marked as Spam",
        "Email Opened",
        "Push Notification Bounced",
        "Push Notification Received",
        "Unsubscribed",
    }
)
