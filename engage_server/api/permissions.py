"""Which permission a field needs: declared at the field, checked before its resolver.

Every field of ``Query`` and ``Mutation`` declares it; a field that a plugin contributes to them needs ``metrics:read``.
Fields of other types are reached through one of these and need what it needs, and more only where they say so: of what
mutations give back, those that lead to values or customers need ``metrics:read``, which who writes may lack.
"""

from typing import Any, Final, TypeVar

from strawberry.extensions import FieldExtension
from strawberry.extensions.field_extension import SyncExtensionResolver
from strawberry.types.field import StrawberryField

from engage_server.access.exceptions import NotPermittedError
from engage_server.access.principal import Permission, Principal
from engage_server.api.context import Info

Value = TypeVar("Value")


class Requires(FieldExtension):
    """Lets through who has the permission; see ``requires``."""

    def __init__(self, permission: Permission, *, for_accounts: bool) -> None:
        self.permission: Final = permission
        self.for_accounts: Final = for_accounts

    def resolve(self, next_: SyncExtensionResolver, source: Any, info: Info, **kwargs: Any) -> Any:
        """Check, then resolve.

        Raises:
            NotPermittedError: the permission is missing, or the field is wider than the principal's one account.
        """
        principal = info.context.principal
        principal.require(self.permission)
        if not self.for_accounts:
            require_whole_tenant(principal, info.field_name)
        return next_(source, info, **kwargs)


def requires(permission: Permission, *, for_accounts: bool = False) -> Requires:
    """Declares, among a field's ``extensions``, what it needs.

    Args:
        permission: what the principal must have.
        for_accounts: whether it is also for principals that see one account alone; then the resolver has to see to it
            that they get no other's.
    """
    return Requires(permission, for_accounts=for_accounts)


def requirement(field: StrawberryField) -> Requires | None:
    """What the field declares, if anything."""
    return next((part for part in field.extensions if isinstance(part, Requires)), None)


def require_whole_tenant(principal: Principal, what: str) -> None:
    """Go on with a principal that is not bound to one account.

    Raises:
        NotPermittedError: it is.
    """
    if principal.account_id is not None:
        raise NotPermittedError(
            f"{what!r} is about the whole tenant, and this token opens one account. "
            "Remedy: ask `account` for the metrics of that account."
        )


def personal(info: Info, value: Value) -> Value | None:
    """Personal data as the principal may see it: the value, or null without ``personal:read``."""
    return value if info.context.principal.may(Permission.PERSONAL_READ) else None
