"""Why a credential is refused."""


class AccessError(Exception):
    """Base of all errors of this package; ``code`` goes to the client."""

    code = "FORBIDDEN"


class MissingKeyError(AccessError):
    """The request carries no key."""

    code = "UNAUTHENTICATED"


class InvalidKeyError(AccessError):
    """Malformed, unknown, expired or revoked; the client is not told which of the last three."""

    code = "UNAUTHENTICATED"


class WrongKindError(AccessError):
    """The key is good, but for something else."""

    code = "FORBIDDEN"


class NotPermittedError(AccessError):
    """The principal is known, but lacks the right."""

    code = "FORBIDDEN"


class ForeignHostError(AccessError):
    """The host belongs to another tenant than the key, or to none."""

    code = "FORBIDDEN"
