"""What values say, in other languages, in GraphQL."""

from functools import lru_cache
from typing import Final, cast

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.languages import text_in
from engage_server.api.permissions import requires
from engage_server.sdk import Catalogue
from engage_server.sdk.catalogues import catalogues_beside

OWN: Final = "engage_server.plugin_host"
"""The package beside which lie the catalogues of what the server itself says of plugins."""


@strawberry.type
class TranslationQuery:
    @strawberry.field(
        description="What labels and notes of parts, and what plugins read, are called in a language, by the English text, "
        "as the tenant's plugins and the server translate it. `{}` in both stands for what varies. Empty for English.",
        extensions=[requires(Permission.METRICS_READ, for_accounts=True)],
    )
    def labels(self, info: Info, language: str) -> JSON:
        plugins = {plugin.id: plugin for plugin, _ in info.context.catalogue().values()}
        said = dict(text_in(_own(), language, default=Catalogue()).labels)
        for plugin in plugins.values():
            said |= text_in(plugin.manifest.catalogues, language, default=Catalogue()).labels
        return cast(JSON, said)


@lru_cache(maxsize=1)
def _own() -> dict[str, Catalogue]:
    return catalogues_beside(OWN)
