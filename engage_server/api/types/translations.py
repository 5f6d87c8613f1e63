"""What values say, in other languages, in GraphQL."""

from typing import cast

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.languages import text_in
from engage_server.api.permissions import requires
from engage_server.plugin_host.server_catalogues import server_catalogues
from engage_server.sdk import Catalogue


@strawberry.type
class TranslationQuery:
    @strawberry.field(
        description="What labels and notes of parts, and what plugins read, are called in a language, by the English text, "
        "as the tenant's plugins and the server translate it. `{}` in both stands for what varies. Empty for English.",
        extensions=[requires(Permission.METRICS_READ, for_accounts=True)],
    )
    def labels(self, info: Info, language: str) -> JSON:
        plugins = {plugin.id: plugin for plugin, _ in info.context.catalogue().values()}
        said = dict(text_in(server_catalogues(), language, default=Catalogue()).labels)
        for plugin in plugins.values():
            said |= text_in(plugin.manifest.catalogues, language, default=Catalogue()).labels
        return cast(JSON, said)
