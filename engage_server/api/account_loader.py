"""Loads what hangs on accounts for all accounts of a request at once: parents, children, members, head counts."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import Now, RowNumber

from engage_server.api.person_loader import PersonLoader
from engage_server.api.ranked_rows import PageOfEach
from engage_server.customers.account_history import periods_of
from engage_server.customers.answers import AnswerPage, answers_of_accounts, count_by_account
from engage_server.customers.attribute_history import PARENT, Period
from engage_server.customers.canonical_persons import canonical_id, canonical_id_of, canonical_person
from engage_server.customers.models import Account, Membership, Person, Subscription, SurveyResponse
from engage_server.customers.person_mentions import texts_of
from engage_server.customers.subscription_states import terms_on
from engage_server.metrics.reader import StoredMetricReader
from engage_server.tenancy.scope import current_tenant

NAMING_PARENT: Final = frozenset({"parent", "parentId", "parent_id", "parent_account"})
# Of each account the first persons by id who belong to it now (or the last), merged ones as the person that remains.
MEMBERS: Final = f"""
    SELECT account_id, canonical_id FROM (
        SELECT account_id, canonical_id, row_number() OVER (PARTITION BY account_id ORDER BY canonical_id {{order}}) AS place
        FROM (
            SELECT DISTINCT membership.account_id, canonical.id AS canonical_id
            FROM customers_membership AS membership
            JOIN customers_person AS person ON person.id = membership.person_id
            JOIN customers_person AS canonical ON canonical.id = {canonical_id("person")}
            WHERE membership.account_id = ANY(%s) AND membership.starts_at <= now()
              AND (membership.ends_at IS NULL OR membership.ends_at > now()) AND NOT person.is_excluded
              AND NOT person.is_suppressed AND NOT canonical.is_suppressed AND canonical.id > %s
              AND canonical.id < %s
        ) AS member
    ) AS ranked
    WHERE place <= %s ORDER BY account_id, canonical_id
"""  # noqa: S608  # canonical_id gives a constant
MEMBERS_AHEAD: Final = MEMBERS.format(order="ASC")
MEMBERS_BACK: Final = MEMBERS.format(order="DESC")
BEHIND_ALL: Final = 2**31


class AccountLoader:
    """Remembers the accounts that a request has seen; works inside the tenant's scope.

    The first question about one of them is answered for all that were seen and not yet answered. With ``only`` that
    account is all there is: it has no parent and no children.
    """

    def __init__(
        self, metrics: StoredMetricReader, persons: PersonLoader, *, only: int | None = None
    ) -> None:
        self._metrics = metrics
        self._persons_seen = persons
        self._only = only
        self._seen: dict[int, Account] = {}
        self._expected: set[int] = set()
        self._missing: set[int] = set()
        self._expected_names: set[str] = set()
        self._named: dict[str, Account | None] = {}
        self._children: dict[PageOfEach, dict[int, list[Account]]] = defaultdict(dict)
        self._persons: dict[PageOfEach, dict[int, list[Person]]] = defaultdict(dict)
        self._child_counts: dict[int, int] = {}
        self._answers: dict[AnswerPage, dict[int, list[SurveyResponse]]] = defaultdict(dict)
        self._answer_counts: dict[str | None, dict[int, int]] = defaultdict(dict)
        self._members: dict[int, int] = {}
        self._subscriptions: dict[date, dict[int, list[Subscription]]] = defaultdict(dict)
        self._periods: dict[date | None, dict[int, dict[str, list[Period]]]] = defaultdict(dict)

    def visible(self) -> QuerySet[Account]:
        """The accounts that may be shown at all; whatever finds accounts begins here."""
        return Account.objects.all() if self._only is None else Account.objects.filter(pk=self._only)

    @property
    def seen(self) -> Collection[int]:
        """Ids of the accounts that were announced as rows, for other loaders to answer for together."""
        return self._seen.keys()

    def see(self, accounts: Iterable[Account]) -> None:
        """Announce accounts that are about to be resolved."""
        fresh = {account.pk: account for account in accounts}
        self._seen.update(fresh)
        self._metrics.expect("account", fresh)

    def expect(self, ids: Iterable[int]) -> None:
        """Announce accounts by id, of which ``find`` may be asked one by one."""
        self._expected.update(ids)
        self._metrics.expect("account", self._expected)

    def find(self, pk: int) -> Account | None:
        """The account of an id; None where it may not be shown, or is none any more."""
        if pk not in self._seen:
            wanted = (self._expected | {pk}) - self._seen.keys() - self._missing
            self.see(self.visible().filter(pk__in=wanted))
            self._missing |= wanted - self._seen.keys()
        return self._seen.get(pk)

    def expect_named(self, external_ids: Iterable[str]) -> None:
        """Announce accounts by external id, of which ``named`` may be asked one by one."""
        self._expected_names.update(external_ids)

    def named(self, external_id: str) -> Account | None:
        """The account of an external id; None where it may not be shown, or is none any more."""
        if external_id not in self._named:
            wanted = (self._expected_names | {external_id}) - self._named.keys()
            found = {one.external_id: one for one in self.visible().filter(external_id__in=wanted)}
            self._named.update({name: found.get(name) for name in wanted})
            self.see(found.values())
        return self._named[external_id]

    def parent(self, account: Account) -> Account | None:
        """The account above, or None."""
        if account.parent_id is None:
            return None
        if account.parent_id not in self._seen:
            wanted = {a.parent_id for a in self._seen.values() if a.parent_id} - self._seen.keys()
            self.see(self.visible().filter(pk__in=wanted))
        return self._seen.get(account.parent_id)

    def traits(self, account: Account) -> dict[str, Any]:
        """The account's traits; without what names the account above, where that is not shown."""
        traits: dict[str, Any] = account.traits
        if self._only is None or account.parent_id is None:
            return traits
        above = Account.objects.filter(pk=account.parent_id).values_list("external_id", "name").first() or ()
        names = {name for name in above if name}
        return {
            name: value
            for name, value in traits.items()
            if name not in NAMING_PARENT and names.isdisjoint(texts_of(value))
        }

    def history(self, pk: int, *, as_of: date | None) -> dict[str, list[Period]]:
        """Which values the attributes had, as far as it was known by the end of the day; parents by external id.

        Where one account is all there is, of parents nothing.
        """
        answers = self._periods[as_of]
        if pk not in answers:
            wanted = self._seen.keys() - answers.keys() | {pk}
            zone = current_tenant().zone
            end = None if as_of is None else datetime.combine(as_of + timedelta(days=1), time(), zone)
            found = periods_of(sorted(wanted), zone=zone, as_of=end)
            parents = {one.value for of in found.values() for one in of.get(PARENT, ()) if one.value}
            names = dict(self.visible().filter(pk__in=parents).values_list("pk", "external_id"))
            for account, attributes in found.items():
                periods = attributes.pop(PARENT, [])
                if periods and self._only is None:
                    attributes[PARENT] = [replace(one, value=names.get(one.value)) for one in periods]
                answers[account] = attributes
        return answers[pk]

    def subscriptions(self, pk: int, on: date) -> list[Subscription]:
        """The account's subscriptions with their terms of a day, the latest begun first."""
        answers = self._subscriptions[on]
        if pk not in answers:
            answers.update(terms_on(self._seen.keys() - answers.keys() | {pk}, on))
        return answers[pk]

    def answers(self, pk: int, asked: AnswerPage) -> list[SurveyResponse]:
        """A page of the answers that name the account, the newest first."""
        known = self._answers[asked]
        if pk not in known:
            wanted = {pk} if asked.place is not None else self._seen.keys() - known.keys() | {pk}
            known.update(answers_of_accounts(wanted, asked))
            said_by = (row.person for of in known.values() for row in of if row.person is not None)
            self._persons_seen.see(canonical_person(person) for person in said_by)
        return known[pk]

    def answer_count(self, pk: int, instrument: str | None = None) -> int:
        """How many answers name the account."""
        known = self._answer_counts[instrument]
        if pk not in known:
            known.update(count_by_account(self._seen.keys() - known.keys() | {pk}, instrument))
        return known[pk]

    def child_count(self, pk: int) -> int:
        """How many accounts are directly below."""
        if pk not in self._child_counts:
            wanted = self._seen.keys() - self._child_counts.keys() | {pk}
            counts = (
                self.visible()
                .filter(parent_id__in=wanted)
                .values("parent_id")
                .annotate(below=Count("pk"))
                .values_list("parent_id", "below")
            )
            self._child_counts.update({**dict.fromkeys(wanted, 0), **dict(counts)})
        return self._child_counts[pk]

    def children(self, pk: int, asked: PageOfEach) -> list[Account]:
        """A page of the accounts below, by id."""
        answers = self._children[asked]
        if pk not in answers:
            # A cursor is one account's own.
            wanted = {pk} if asked.place is not None else self._seen.keys() - answers.keys() | {pk}
            answers.update({id: [] for id in wanted})
            order = "-id" if asked.is_backwards else "id"
            low, high = _bounds(asked)
            ranked = (
                self.visible()
                .filter(parent_id__in=wanted, pk__gt=low, pk__lt=high)
                .annotate(rank=Window(RowNumber(), partition_by=F("parent_id"), order_by=order))
            )
            found = list(ranked.filter(rank__lte=asked.size).order_by("id"))
            for child in found:
                answers[child.parent_id or 0].append(child)
            self.see(found)
        return answers[pk]

    def members(self, pk: int, asked: PageOfEach) -> list[Person]:
        """A page of the persons who belong to the account now, by id; see ``member_count``."""
        answers = self._persons[asked]
        if pk not in answers:
            wanted = {pk} if asked.place is not None else self._seen.keys() - answers.keys() | {pk}
            answers.update({id: [] for id in wanted})
            with connection.cursor() as cursor:
                members = MEMBERS_BACK if asked.is_backwards else MEMBERS_AHEAD
                cursor.execute(members, [sorted(wanted), *_bounds(asked), asked.size])
                pairs: list[tuple[int, int]] = cursor.fetchall()
            persons = Person.objects.in_bulk({person for _, person in pairs})
            self._persons_seen.see(persons.values())
            for account, person in pairs:
                answers[account].append(persons[person])
        return answers[pk]

    def member_count(self, pk: int) -> int:
        """How many persons belong to the account now; merged ones count once, excluded and suppressed ones not at all."""
        if pk not in self._members:
            wanted = self._seen.keys() - self._members.keys() | {pk}
            counts = (
                Membership.objects.filter(
                    Q(ends_at=None) | Q(ends_at__gt=Now()),
                    Q(person__merged_into=None) | Q(person__merged_into__is_suppressed=False),
                    account_id__in=wanted,
                    starts_at__lte=Now(),
                    person__is_excluded=False,
                    person__is_suppressed=False,
                )
                .values("account_id")
                .annotate(members=Count(canonical_id_of("person"), distinct=True))
                .values_list("account_id", "members")
            )
            self._members.update({**dict.fromkeys(wanted, 0), **dict(counts)})
        return self._members[pk]


def _bounds(asked: PageOfEach) -> tuple[int, int]:
    """Between which ids, both excluded, a page lies of what is listed by id."""
    if asked.is_backwards:
        return 0, BEHIND_ALL if asked.place is None else asked.place
    return asked.place or 0, BEHIND_ALL
