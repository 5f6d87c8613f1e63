"""How far a tenant is set up, in GraphQL."""

from typing import Final, Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.languages import text_in
from engage_server.api.permissions import requires
from engage_server.operations import setup_audit
from engage_server.operations.setup_audit import SetupState
from engage_server.operations.setup_words import Said
from engage_server.sdk.graphql import expose_enum

READ: Final = requires(Permission.CONFIG_WRITE)
expose_enum(SetupState, name="SetupState", description="How far one thing of the set-up is done.")


@strawberry.type(description="One thing that a tenant's set-up needs for its numbers to mean something.")
class SetupItem:
    item: strawberry.Private[setup_audit.SetupItem]
    key: str
    state: SetupState

    @strawberry.field
    def title(self, language: str = "en") -> str:
        return _text(self.item.title, language)

    @strawberry.field(description="What it is for.")
    def why(self, language: str = "en") -> str:
        return _text(self.item.why, language)

    @strawberry.field(description="How it stands.")
    def found(self, language: str = "en") -> str:
        return _text(self.item.found, language)

    @strawberry.field(description="What to do; empty where it is done.")
    def remedy(self, language: str = "en") -> str:
        return _text(self.item.remedy, language)

    @classmethod
    def of(cls, item: setup_audit.SetupItem) -> Self:
        """The GraphQL form of an item."""
        return cls(item=item, key=item.key, state=item.state)


def _text(said: Said, language: str) -> str:
    return text_in({"ko": said.ko}, language, default=said.en)


@strawberry.type(description="How far a tenant is set up.")
class SetupAudit:
    share_done: float = strawberry.field(description="0 to 1; what is done partly counts half.")
    items: list[SetupItem] = strawberry.field(description="In the order in which they are best seen to.")


@strawberry.type
class SetupQuery:
    @strawberry.field(
        description="What the tenant's set-up lacks for its numbers to mean something: north star, retention baseline, "
        "segments, activity cohorts, key actions, dictionary, identity, coverage, consent and history.",
        extensions=[READ],
    )
    def setup_audit(self, info: Info) -> SetupAudit:
        items = setup_audit.setup_audit()
        return SetupAudit(
            share_done=setup_audit.share_done(items), items=[SetupItem.of(item) for item in items]
        )
