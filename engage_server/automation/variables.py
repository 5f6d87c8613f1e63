"""What is known of the subjects of journeys, read for all of a share at once. Inside the tenant's scope."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from engage_server.automation.accounts_of_persons import accounts_of_persons
from engage_server.automation.models import Journey
from engage_server.customers.models import Account, Person, Subscription


def of_account(account: Account, *, cancel_reason: str = "") -> dict[str, Any]:
    """What texts may name of an account."""
    fields = ("external_id", "name", "plan", "stage", "owner", "traits")
    return {**{field: getattr(account, field) for field in fields}, "cancel_reason": cancel_reason}


def cancel_reasons(accounts: Sequence[int]) -> dict[int, str]:
    """Why these accounts cancelled last, as it was noted; of none that did not say. One statement."""
    rows = (
        Subscription.objects.filter(account_id__in=accounts)
        .exclude(cancel_reason="")
        .order_by("account_id", "-ends_on", "-id")
        .distinct("account_id")
    )
    return dict(rows.values_list("account_id", "cancel_reason"))


class Subjects:
    """The accounts and persons that these journeys are about."""

    def __init__(self, journeys: Sequence[Journey]) -> None:
        """Three statements, however many there are; another one for the accounts of persons, where they are asked for."""
        ids: Mapping[str, list[int]] = {
            kind: [one.subject for one in journeys if one.subject_kind == kind]
            for kind in ("account", "person")
        }
        self._accounts = Account.objects.in_bulk(ids["account"]) if ids["account"] else {}
        self._reasons = cancel_reasons(ids["account"]) if ids["account"] else {}
        self._persons = Person.objects.in_bulk(ids["person"]) if ids["person"] else {}

    def may_be_told_of(self, journey: Journey) -> bool:
        """Whether the subject is there, and no person who is suppressed or withdrew consent."""
        if journey.subject_kind == "account":
            return journey.subject in self._accounts
        if journey.subject_kind == "person":
            person = self._persons.get(journey.subject)
            return person is not None and person.consents and not person.is_suppressed
        return True

    def zone_of(self, journey: Journey) -> str | None:
        """The time zone that the subject's trait ``timezone`` names; None where there is none."""
        row = self._row(journey)
        zone = None if row is None else row.traits.get("timezone")
        return zone if isinstance(zone, str) else None

    def variables(self, journey: Journey) -> dict[str, Any]:
        """What texts may name of the subject."""
        account = self._accounts.get(journey.subject) if journey.subject_kind == "account" else None
        person = self._persons.get(journey.subject) if journey.subject_kind == "person" else None
        found: dict[str, Any] = {}
        if account is not None:
            found["account"] = of_account(account, cancel_reason=self._reasons.get(account.pk, ""))
        if person is not None:
            found["person"] = {"external_id": person.external_id or "", "traits": person.traits}
        return found

    def account_of(self, journey: Journey) -> int | None:
        """The id of the account that it is about, or that its person belongs to."""
        if journey.subject_kind == "account":
            return journey.subject
        return self._accounts_of_persons.get(journey.subject) if journey.subject_kind == "person" else None

    @cached_property
    def _accounts_of_persons(self) -> Mapping[int, int]:
        return accounts_of_persons(self._persons.keys())

    def _row(self, journey: Journey) -> Account | Person | None:
        if journey.subject_kind == "account":
            return self._accounts.get(journey.subject)
        return self._persons.get(journey.subject) if journey.subject_kind == "person" else None
