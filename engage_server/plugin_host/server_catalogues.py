"""What the server itself says of plugins, and to whoever it refuses something, in other languages."""

from collections.abc import Mapping
from functools import lru_cache

from engage_server.sdk import Catalogue
from engage_server.sdk.catalogues import catalogues_beside


@lru_cache(maxsize=1)
def server_catalogues() -> Mapping[str, Catalogue]:
    """By language the server's own catalogue: ``ko.json`` beside this module."""
    return catalogues_beside(__package__)
