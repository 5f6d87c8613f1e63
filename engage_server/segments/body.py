"""What is kept of a segment: about whom it is, and the condition that makes members, if any."""

from typing import Final

from pydantic import Field

from engage_server.definitions.kinds import Body
from engage_server.segments.conditions import Condition, SubjectKind

SEGMENT: Final = "segment"


class SegmentBody(Body):
    """A static segment has no condition: its members are listed. A tracked one is computed with the schedules."""

    free_texts = frozenset({"description"})

    subject: SubjectKind
    condition: Condition | None = None
    description: str = Field("", max_length=500)
    tracked: bool = False
    dimension: str = Field("", max_length=100, description="The dimension that the server made it of.")

    @property
    def is_static(self) -> bool:
        """Whether its members are listed by hand."""
        return self.condition is None
