"""Django's entry to the package."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Accounts, persons, subscriptions and survey responses."""

    name = "engage_server.customers"
