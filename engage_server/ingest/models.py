"""What could not be taken in. In the tenant's schema."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class QuarantinedItem(models.Model):
    """A refused item with the reason and with what it takes to read it again, kept as far as there is room."""

    source = models.CharField(max_length=63)
    protocol = models.CharField(max_length=20, db_default="segment")
    kind = models.CharField(max_length=20, db_default="", help_text="What the path said of the item.")
    sent_at = models.DateTimeField(null=True, help_text="When the client says that it sent the item.")
    code = models.CharField(max_length=40)
    message = models.TextField()
    payload = models.TextField(help_text="The item as it came, cut at the size limit.")
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["received_at"], name="quarantine_by_time")]

    def __str__(self) -> str:
        return f"{self.code} from {self.source}"


class ImportPart(models.Model):
    """A piece of a file that is imported by request, or of the list of its rows that were not taken (NDJSON).

    A file's pieces go as soon as it is imported, the rest with the import.
    """

    class Kind(models.TextChoices):
        """FILE came from the client, REJECTS are of our making."""

        FILE = "FILE"
        REJECTS = "REJECTS"

    import_id = models.UUIDField()
    kind = models.CharField(max_length=7, choices=Kind)
    number = models.IntegerField(help_text="Its place, from 1.")
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["import_id", "kind", "number"], name="import_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of import {self.import_id}"
