"""Which plugins a tenant has enabled, and how they are configured. In the tenant's schema."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class PluginSetting(models.Model):
    """One version of a plugin's activation and configuration; the newest counts, the older ones explain."""

    id = models.AutoField(primary_key=True)
    plugin = models.CharField(max_length=50)
    version = models.IntegerField()
    enabled = models.BooleanField()
    config = models.JSONField(default=dict, help_text="What differs from the defaults.")
    adopted = models.JSONField(
        db_default={},
        default=dict,
        help_text="For which release of the plugin: its definitions, and what it was agreed that it reads.",
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plugin", "version"], name="plugin_setting_version")
        ]

    def __str__(self) -> str:
        return f"{self.plugin} version {self.version}"
