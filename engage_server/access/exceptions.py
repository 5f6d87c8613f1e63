"""Why a credential is refused."""


class AccessError(Exception):
    """Base of all errors of this package; ``code`` goes to the client."""

    code = "FORBIDDEN"


class MissingKeyError(AccessError):
    """The request carries no key."""

    code = "UNAUTHENTICATED"


class InvalidKeyError(AccessError):
    """Malformed, unknown, expired or revoked; the client does not learn which of the last three."""

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


class NotSignedInError(AccessError):
    """The request has neither a key nor a session that is in force."""

    code = "UNAUTHENTICATED"


class ForeignPageError(AccessError):
    """A browser was made to send its session's cookie by a page that is not ours."""

    code = "FOREIGN_PAGE"


class NotAMemberError(AccessError):
    """The session's person does not belong to the tenant."""

    code = "NOT_A_MEMBER"


class NoTenantChosenError(AccessError):
    """The session's person belongs to several tenants, or to none, and said of none that it is the one."""

    code = "NO_TENANT_CHOSEN"


class AboveOwnRoleError(AccessError):
    """A role above the principal's own was to be given or taken."""

    code = "FORBIDDEN"


class BudgetSpentError(AccessError):
    """A limit of the tenant, the key, the person or the account is reached for now; ``holder`` says of which."""

    code = "RATE_LIMITED"

    def __init__(self, message: str, *, retry_after_s: int, holder: str) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.holder = holder


class KeyRequestError(AccessError):
    """A key was asked for that cannot be."""

    code = "BAD_USER_INPUT"


class UnknownKeyError(AccessError):
    """The tenant has no such key."""

    code = "NOT_FOUND"


class MemberError(AccessError):
    """Base of what is wrong with a change to a tenant's members."""

    code = "BAD_USER_INPUT"


class InvalidEmailError(MemberError):
    """This is no e-mail address."""


class UnknownUserError(MemberError):
    """Nobody signs in with this address."""


class UnknownMemberError(MemberError):
    """The tenant has no member of this address."""

    code = "NOT_FOUND"


class AlreadyMemberError(MemberError):
    """The person is a member already."""


class LastOwnerError(MemberError):
    """A tenant keeps an owner."""


class ForeignOriginError(AccessError):
    """The request comes from a web page that the tenant does not name."""

    code = "FORBIDDEN"
