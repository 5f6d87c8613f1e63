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
