"""Who belonged to a segment from which day to which, in the tenant's schema."""

from typing import ClassVar

from django.db import models


class SegmentMember(models.Model):
    """An account or person (by the segment's subject) belongs to it from ``starts_on`` until before ``ends_on``.

    Static segments are these rows and nothing else. Of others they are what was found on the days that were computed.
    """

    pk = models.CompositePrimaryKey("segment", "subject", "starts_on")
    segment = models.IntegerField(help_text="Number of the definition.")
    subject = models.IntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, help_text="Null: still.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gt=models.F("starts_on")),
                name="segment_member_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} in segment {self.segment}"
