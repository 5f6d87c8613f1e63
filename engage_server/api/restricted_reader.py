"""Reads stored values for principals that may not see all: those of one account, and those without personal data."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from engage_server.access.exceptions import NotPermittedError
from engage_server.access.principal import Permission, Principal
from engage_server.api.masking import without_names
from engage_server.metrics.reader import StoredMetricReader
from engage_server.sdk import Subject
from engage_server.sdk.graphql import StoredValue

PERSON = "person"


class RestrictedMetricReader(StoredMetricReader):
    """What every resolver reads through, the plugins' too: so none has to know who asks."""

    def __init__(self, principal: Principal) -> None:
        super().__init__()
        self._account_id = principal.account_id
        self._shows_persons = principal.may(Permission.PERSONAL_READ)

    def latest_of(
        self, metrics: Collection[str], subject: Subject, on: date | None = None
    ) -> dict[str, StoredValue]:
        """As the parent's.

        Raises:
            NotPermittedError: the subject is not the principal's account.
        """
        self._require(subject.kind, subject.id)
        return super().latest_of(metrics, subject, on)

    def by_subject(self, metric: str, kind: str, on: date | None = None) -> list[StoredValue]:
        """As the parent's.

        Raises:
            NotPermittedError: the principal sees one account alone.
        """
        self._require(kind, None)
        return super().by_subject(metric, kind, on)

    def _require(self, kind: str, id: int | None) -> None:
        if self._account_id is not None and (kind, id) != ("account", self._account_id):
            raise NotPermittedError(
                f"These are values of another subject ({kind}), and this token opens one account. "
                "Remedy: ask `account` for the metrics of that account."
            )

    def _shown(self, values: list[StoredValue]) -> list[StoredValue]:
        if self._shows_persons or not values:
            return values
        masked = without_names([(value.contributions, value.details) for value in values])
        return [
            replace(
                value,
                # A person's label is the name that the tenant knows it by, often an e-mail address.
                label="" if value.subject.kind == PERSON else value.label,
                contributions=contributions,
                details=details,
            )
            for value, (contributions, details) in zip(values, masked, strict=True)
        ]
