"""Loads what hangs on accounts for all accounts of a request at once: parents, children, head counts."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count, F, Q, Window
from django.db.models.functions import Coalesce, Now, RowNumber

from engage_server.customers.models import Account, Membership
from engage_server.metrics.reader import StoredMetricReader


class AccountLoader:
    """Remembers the accounts that a request has seen; works inside the tenant's scope.

    The first question about one of them is answered for all that were seen and not yet answered.
    """

    def __init__(self, metrics: StoredMetricReader) -> None:
        self._metrics = metrics
        self._seen: dict[int, Account] = {}
        self._children: dict[int, dict[int, list[Account]]] = defaultdict(dict)
        self._members: dict[int, int] = {}

    def see(self, accounts: Iterable[Account]) -> None:
        """Announce accounts that are about to be resolved."""
        fresh = {account.pk: account for account in accounts}
        self._seen.update(fresh)
        self._metrics.expect("account", fresh)

    def parent(self, account: Account) -> Account | None:
        """The account above, or None."""
        if account.parent_id is None:
            return None
        if account.parent_id not in self._seen:
            wanted = {a.parent_id for a in self._seen.values() if a.parent_id} - self._seen.keys()
            self.see(Account.objects.filter(pk__in=wanted))
        return self._seen.get(account.parent_id)

    def children(self, pk: int, *, first: int) -> list[Account]:
        """At most ``first`` of the accounts below, by id."""
        answers = self._children[first]
        if pk not in answers:
            wanted = self._seen.keys() - answers.keys() | {pk}
            answers.update({id: [] for id in wanted})
            ranked = Account.objects.filter(parent_id__in=wanted).annotate(
                rank=Window(RowNumber(), partition_by=F("parent_id"), order_by="id")
            )
            found = list(ranked.filter(rank__lte=first).order_by("id"))
            for child in found:
                answers[child.parent_id or 0].append(child)
            self.see(found)
        return answers[pk]

    def member_count(self, pk: int) -> int:
        """How many persons belong to the account now; merged ones count once, excluded ones not at all."""
        if pk not in self._members:
            wanted = self._seen.keys() - self._members.keys() | {pk}
            counts = (
                Membership.objects.filter(
                    Q(ends_at=None) | Q(ends_at__gt=Now()),
                    account_id__in=wanted,
                    starts_at__lte=Now(),
                    person__is_excluded=False,
                    person__is_suppressed=False,
                )
                .values("account_id")
                .annotate(members=Count(Coalesce("person__merged_into_id", "person_id"), distinct=True))
                .values_list("account_id", "members")
            )
            self._members.update({**dict.fromkeys(wanted, 0), **dict(counts)})
        return self._members[pk]
