"""The one table of definitions, in the tenant's schema: a row for each version."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Definition(models.Model):
    """One version of something that people defined. ``number`` is the same in all versions.

    Of each number one version is in force: that with the null ``superseded_at``. A retired one stays as history, and
    its name is free again.
    """

    pk = models.CompositePrimaryKey("number", "version")
    number = models.IntegerField()
    version = models.IntegerField(default=1)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    body = models.JSONField(default=dict)
    author = models.CharField(max_length=64, help_text="As in the audit log.")
    created_at = models.DateTimeField(db_default=Now())
    superseded_at = models.DateTimeField(null=True)
    is_retired = models.BooleanField(db_default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "name"],
                condition=models.Q(superseded_at=None, is_retired=False),
                name="definition_name_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}, version {self.version}"
