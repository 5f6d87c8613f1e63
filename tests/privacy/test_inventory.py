"""Nothing of a tenant is stored anywhere without somebody having said how it is erased."""

from django.apps import apps
from django.conf import settings
from django.db.models import CharField, JSONField, TextField

from engage_server.privacy.inventory import TENANT_TABLES

TEXTS = (JSONField, TextField, CharField)


def stored() -> dict[str, set[str]]:
    """The tenants' tables with their columns of JSON and free text."""
    return {
        model._meta.db_table: {
            field.column
            for field in model._meta.local_fields
            if isinstance(field, TEXTS) and not field.choices
        }
        for app in apps.get_app_configs()
        if app.name in settings.TENANT_APPS
        for model in app.get_models(include_auto_created=True)
    }


def test_every_table_of_a_tenant_and_every_text_in_it_has_a_fate():
    listed = {table: set(holding.texts) for table, holding in TENANT_TABLES.items()}
    assert listed == stored(), (
        "enter the difference in engage_server/privacy/inventory.py, with what erases it"
    )
