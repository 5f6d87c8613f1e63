"""Django's entry to the package."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The audit log."""

    name = "engage_server.audit"
