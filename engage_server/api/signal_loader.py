"""Loads signals about accounts for all accounts of a request at once."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.db.models import Count, QuerySet

from engage_server.api.account_loader import AccountLoader
from engage_server.api.ranked_rows import PageOfEach, newest_of_each
from engage_server.automation import signals
from engage_server.automation.models import Signal
from engage_server.automation.rules import Rule, rules

ACCOUNTS: Final = "account"


@dataclass(frozen=True, slots=True)
class SignalChoice:
    """Which signals, as ``automation.signals.queue`` takes it."""

    is_risk: bool | None = None
    acknowledged: bool | None = False
    cleared: bool = False


class SignalLoader:
    """Remembers what was asked about the accounts that the request has seen; works inside the tenant's scope."""

    def __init__(self, accounts: AccountLoader) -> None:
        self._accounts: Final = accounts
        self._pages: Final[dict[tuple[SignalChoice, PageOfEach], dict[int, list[Signal]]]] = defaultdict(dict)
        self._counts: Final[dict[SignalChoice, dict[int, int]]] = defaultdict(dict)

    @cached_property
    def rules(self) -> dict[int, Rule]:
        """The rules in force by number: read once for all accounts' signals."""
        return {one.number: one for one in rules()}

    def of_account(self, pk: int, choice: SignalChoice, asked: PageOfEach) -> list[Signal]:
        """Signals about the account, the newest first."""
        known = self._pages[choice, asked]
        if pk not in known:
            # A cursor is one account's own.
            wanted = {pk} if asked.place is not None else {*self._accounts.seen} - known.keys() | {pk}
            known.update({id: [] for id in wanted})
            for row in newest_of_each(self._about(wanted, choice), asked, of="subject"):
                known[row.subject].append(row)
        return known[pk]

    def count(self, pk: int, choice: SignalChoice) -> int:
        """How many there are about the account."""
        known = self._counts[choice]
        if pk not in known:
            wanted = {*self._accounts.seen} - known.keys() | {pk}
            found = (
                self._about(wanted, choice).order_by().values_list("subject").annotate(signals=Count("pk"))
            )
            counts: Mapping[int, int] = dict(found)
            known.update({id: counts.get(id, 0) for id in wanted})
        return known[pk]

    def _about(self, accounts: set[int], choice: SignalChoice) -> QuerySet[Signal]:
        found = signals.queue(
            is_risk=choice.is_risk, acknowledged=choice.acknowledged, cleared=choice.cleared
        )
        return found.filter(subject_kind=ACCOUNTS, subject__in=accounts)
