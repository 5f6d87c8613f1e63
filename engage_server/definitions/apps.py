"""Django's entry to the package."""

from django.apps import AppConfig


class DefinitionsConfig(AppConfig):
    """Versioned definitions."""

    name = "engage_server.definitions"

    def ready(self) -> None:
        """Say what documents keep."""
        from engage_server.definitions.documents import (
            DOCUMENT,
            DOCUMENT_DEMAND,
            DocumentBody,
            DocumentDemandBody,
        )
        from engage_server.definitions.kinds import register_kind

        register_kind(DOCUMENT, DocumentBody)
        register_kind(DOCUMENT_DEMAND, DocumentDemandBody)
