"""What can go wrong with the list of suppressed names."""


class SuppressionError(Exception):
    """Base of all errors of this package."""


class UnknownPrivacyKeyError(SuppressionError):
    """The list was hashed with a key that this process does not have, so nobody on it would be recognised."""
