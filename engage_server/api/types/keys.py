"""Keys in GraphQL: seen, made, rotated and revoked by who may manage them; and tokens for single accounts."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final, Self

import strawberry

from engage_server.access.exceptions import UnknownKeyError
from engage_server.access.key_rules import PERMISSIONS_OF_KIND, is_in_force, is_unused, permissions_of
from engage_server.access.keys import find_key, list_keys
from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.pages import USUAL_PAGE, Connection, numbered, page_request
from engage_server.api.types.subjects import account_subject, plain
from engage_server.api.types.writes import (
    IdInput,
    WriteInput,
    WritePayload,
    carry_out,
)
from engage_server.operations import account_tokens, keys
from engage_server.operations.writes import Facts
from engage_server.sdk.graphql import expose_enum

expose_enum(ApiKey.Kind, name="KeyKind", description="What a key opens.")
expose_enum(
    Permission, name="Permission", description="A right inside the tenant; keys and roles consist of them."
)
MANAGE: Final = requires(Permission.KEYS_MANAGE)
DAY_H: Final = 24


@strawberry.type(name="Key", description="A key of the tenant. Its text is shown once, when it is made.")
class KeyNode:
    public_id: strawberry.ID
    kind: ApiKey.Kind
    name: str
    source: str = strawberry.field(description="Under which source an ingest key brings events in.")
    permissions: list[Permission]
    prefix: str = strawberry.field(description="How the key's text begins.")
    last_four: str = strawberry.field(description="How it ends.")
    made_by: strawberry.ID | None = strawberry.field(
        description="The key that made it and ends it when revoked; null where a person or the operator did."
    )
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None = strawberry.field(description="To the hour; null where never.")
    in_force: bool
    unused: bool = strawberry.field(description="In force, and not used for 90 days: better revoked.")

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """The node of a key."""
        return cls(
            public_id=strawberry.ID(key.public_id),
            kind=ApiKey.Kind(key.kind),
            name=key.name,
            source=key.source,
            permissions=sorted(permissions_of(key)),
            prefix=key.beginning,
            last_four=key.last_four,
            made_by=None if key.maker is None else strawberry.ID(key.maker.public_id),
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            last_used_at=key.last_used_at,
            in_force=is_in_force(key),
            unused=is_unused(key),
        )


@strawberry.input(description="What a new key is to be.")
class CreateKeyInput(WriteInput):
    kind: ApiKey.Kind
    name: str = ""
    source: str = strawberry.field(
        default="default", description="Under which source an ingest key brings events in."
    )
    permissions: list[Permission] | None = strawberry.field(
        default=None, description="Instead of what its kind usually has."
    )
    expires_at: datetime | None = strawberry.field(default=None, description="Else after a year.")


@strawberry.input(description="A key that another takes the place of.")
class RotateKeyInput(WriteInput):
    id: strawberry.ID
    overlap_hours: int = strawberry.field(
        default=DAY_H, description="So long both open the tenant; up to 720."
    )


@strawberry.input(description="Whose metrics a token reads, and for how long.")
class CreateAccountTokenInput(WriteInput):
    account: strawberry.ID
    expires_in: int = strawberry.field(default=3_600, description="Seconds, up to a day.")
    key: strawberry.ID | None = strawberry.field(
        default=None,
        description="The key that issues it and ends it; default: the one that asks. A key can only name one that it made.",
    )


@strawberry.type(description="The key that was written.")
class KeyPayload(WritePayload):
    @strawberry.field(description="As it is now; null where a new one was only tried.")
    def key(self, info: Info) -> KeyNode | None:
        found = find_key(info.context.tenant, str(self.written.facts["key"]))
        return None if found is None else KeyNode.of(found)


@strawberry.type(description="A key that was just made.")
class KeyTextPayload(KeyPayload):
    text: str | None = strawberry.field(
        description="What clients send. It is shown here and never again: null of a repeated request, or of a trial."
    )


@strawberry.type(description="A token that shows one account its metrics; see docs/access.md.")
class AccountTokenPayload(WritePayload):
    text: str | None = strawberry.field(
        description="Shown here and never again: null of a repeated request, or of a trial."
    )

    @strawberry.field
    def expires_at(self) -> datetime:
        return datetime.fromisoformat(str(self.written.facts["expires_at"]))


@strawberry.type
class KeyQuery:
    @strawberry.field(description="The tenant's keys, the newest first.", extensions=[MANAGE])
    def keys(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[KeyNode]:
        return numbered(
            list_keys(info.context.tenant)[::-1],
            of="keys",
            asked=page_request(first, after, last, before),
            key=attrgetter("pk"),
            nodes=lambda page: [KeyNode.of(key) for key in page],
            is_newest_first=True,
        )


@strawberry.type
class KeyMutation:
    @strawberry.mutation(
        description="Make a key; it has no right that its maker lacks. One that a key makes ends no later than that key.",
        extensions=[MANAGE],
    )
    def create_key(self, info: Info, input: CreateKeyInput) -> KeyTextPayload:
        wanted = None if input.permissions is None else frozenset(input.permissions)
        _require_own(info, wanted or PERMISSIONS_OF_KIND[input.kind])
        request = keys.KeyRequest(
            input.kind,
            name=plain(input.name),
            source=plain(input.source),
            permissions=wanted,
            expires_at=_aware(input.expires_at),
        )
        return _carry_out(
            info, input, lambda: keys.make_key(info.context.tenant, request, maker=_acting_key(info))
        )

    @strawberry.mutation(
        description="Make a key with the same rights; the old one ends after `overlapHours`. One that a key makes ends no "
        "later than that key.",
        extensions=[MANAGE],
    )
    def rotate_key(self, info: Info, input: RotateKeyInput) -> KeyTextPayload:
        tenant, id = info.context.tenant, plain(input.id)
        old = find_key(tenant, id)
        if old is not None:
            _require_own(info, permissions_of(old))
        overlap = timedelta(hours=input.overlap_hours)
        return _carry_out(
            info, input, lambda: keys.rotate_key(tenant, id, overlap=overlap, maker=_acting_key(info))
        )

    @strawberry.mutation(
        description="Refuse a key, and all that it made, from now on; every process does within five seconds.",
        extensions=[MANAGE],
    )
    def revoke_key(self, info: Info, input: IdInput) -> KeyPayload:
        id = plain(input.id)

        def change() -> Facts:
            if not keys.revoke_key(info.context.tenant, id):
                raise UnknownKeyError(f"There is no key {id!r} in force. Remedy: `keys` shows them.")
            return {"key": id}

        return KeyPayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="A token that reads the metrics of one account, and ends with the key that issues it.",
        extensions=[MANAGE],
    )
    def create_account_token(self, info: Info, input: CreateAccountTokenInput) -> AccountTokenPayload:
        _require_own(info, frozenset({Permission.METRICS_READ}))
        account = account_subject(info.context, input.account)
        texts: list[str] = []

        def change() -> Facts:
            issued = account_tokens.issue_token(
                info.context.tenant,
                plain(input.key) if input.key else _own_key(info),
                account_id=account.id,
                lifetime=timedelta(seconds=input.expires_in),
                asker=_acting_key(info),
            )
            texts.append(issued.text)
            return {"expires_at": issued.expires_at.isoformat()}

        done = carry_out(info, input, change)
        return AccountTokenPayload(text=_shown(texts, input), **done)


def _carry_out(info: Info, given: WriteInput, make: Callable[[], keys.MadeKey]) -> KeyTextPayload:
    texts: list[str] = []

    def change() -> Facts:
        made = make()
        texts.append(made.text)
        return {"key": made.row.public_id}

    done = carry_out(info, given, change)
    return KeyTextPayload(text=_shown(texts, given), **done)


def _shown(texts: Sequence[str], given: WriteInput) -> str | None:
    """The text that a request made; what was only tried opens nothing, and a repeated request made none."""
    return None if given.dry_run else next(iter(texts), None)


def _require_own(info: Info, permissions: frozenset[Permission]) -> None:
    """Nobody gives away what they do not have."""
    for permission in sorted(permissions):
        info.context.principal.require(permission)


def _acting_key(info: Info) -> str | None:
    kind, _, public_id = info.context.principal.actor.partition(":")
    return public_id if kind == "key" else None


def _own_key(info: Info) -> str:
    key = _acting_key(info)
    if key is None:
        raise BadUserInputError("A key has to issue the token. Remedy: pass `key`.")
    return key


def _aware(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise BadUserInputError("`expiresAt` has no time zone. Remedy: write it with an offset or Z.")
    return moment
