"""The tenant's annotations for one request, read once however many series show them."""

from datetime import date
from functools import cached_property

from engage_server.access.principal import Principal
from engage_server.activity.models import Feature
from engage_server.metrics.annotations import Annotation, annotations
from engage_server.sdk import Subject


class AnnotationBook:
    """What a principal may see of annotations: who sees one account alone sees none, for they are the tenant's notes."""

    def __init__(self, principal: Principal) -> None:
        """Nothing is read yet."""
        self._is_account = principal.account_id is not None

    @cached_property
    def all(self) -> list[Annotation]:
        """All annotations, by day."""
        return [] if self._is_account else annotations()

    def of_range(self, first: date, last: date, subject: Subject) -> list[Annotation]:
        """Those of the days, both included; beside a feature's series those of other features are left out."""
        found = [one for one in self.all if first <= one.body.day <= last]
        if subject.kind != "feature" or not found:
            return found
        return [one for one in found if one.body.feature in ("", self._features.get(subject.id))]

    @cached_property
    def _features(self) -> dict[int, str]:
        named = {one.body.feature for one in self.all}
        return dict(Feature.objects.filter(name__in=named).values_list("pk", "name"))
