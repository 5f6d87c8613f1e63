"""Loads messages about accounts for all accounts of a request at once."""

from collections import defaultdict
from typing import Final

from django.db.models import Count

from engage_server.api.account_loader import AccountLoader
from engage_server.api.person_loader import PersonLoader
from engage_server.api.ranked_rows import PageOfEach, newest_of_each
from engage_server.automation.models import Delivery
from engage_server.automation.outbox import definition_of, person_of
from engage_server.definitions.store import names_of


class DeliveryLoader:
    """Remembers what was asked about the accounts that the request has seen; works inside the tenant's scope."""

    def __init__(self, accounts: AccountLoader, persons: PersonLoader) -> None:
        """Nothing was asked yet."""
        self._accounts: Final = accounts
        self._persons: Final = persons
        self._pages: Final[dict[PageOfEach, dict[int, list[Delivery]]]] = defaultdict(dict)
        self._counts: Final[dict[int, int]] = {}
        self._numbers: Final[set[int]] = set()
        self._names: Final[dict[int, str]] = {}

    def of_account(self, pk: int, asked: PageOfEach) -> list[Delivery]:
        """Messages about the account, the newest first."""
        known = self._pages[asked]
        if pk not in known:
            # A cursor is one account's own.
            wanted = {pk} if asked.place is not None else {*self._accounts.seen} - known.keys() | {pk}
            known.update({id: [] for id in wanted})
            for row in newest_of_each(Delivery.objects.filter(account__in=wanted), asked, of="account"):
                self._expect(row)
                if row.account is not None:  # none has none: it was asked for by it
                    known[row.account].append(row)
        return known[pk]

    def count(self, pk: int) -> int:
        """How many there are about the account."""
        if pk not in self._counts:
            wanted = {*self._accounts.seen} - self._counts.keys() | {pk}
            found = Delivery.objects.filter(account__in=wanted).order_by().values_list("account")
            counts = dict(found.annotate(messages=Count("pk")))
            self._counts.update({id: counts.get(id, 0) for id in wanted})
        return self._counts[pk]

    def name_of(self, number: int | None) -> str:
        """How a channel, or what a message follows from, is called; empty where it is no definition."""
        if number is None:
            return ""
        if number not in self._names:
            wanted = self._numbers - self._names.keys() | {number}
            self._names.update(dict.fromkeys(wanted, "") | names_of(wanted))
        return self._names[number]

    def _expect(self, row: Delivery) -> None:
        definition, person = definition_of(row), person_of(row)
        self._numbers.update({row.channel} if definition is None else {row.channel, definition})
        self._persons.expect(() if person is None else (person,))
