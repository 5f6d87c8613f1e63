"""Loads what hangs on persons for all persons of a request at once: their accounts and their answers."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from django.db.models import Q

from engage_server.customers.answers import AnswerPage, answers_of_persons, count_by_person
from engage_server.customers.canonical_persons import canonical_id_of
from engage_server.customers.models import Membership, Person, SurveyResponse

NOBODY: Final = frozenset[int]()


class PersonLoader:
    """Remembers the canonical persons that a request has seen; works inside the tenant's scope.

    The first question about one of them is answered for all that were announced and not yet answered.
    """

    def __init__(self) -> None:
        """Nobody is announced yet."""
        self._expected: set[int] = set()
        self._found: dict[int, Person | None] = {}
        self._memberships: dict[int, list[Membership]] = {}
        self._answers: dict[AnswerPage, dict[int, list[SurveyResponse]]] = defaultdict(dict)
        self._answer_counts: dict[str | None, dict[int, int]] = defaultdict(dict)

    def expect(self, ids: Iterable[int]) -> None:
        """Announce persons by id, about whom questions may follow."""
        self._expected.update(ids)

    def see(self, persons: Iterable[Person]) -> None:
        """Announce persons that are about to be resolved."""
        rows = {person.pk: person for person in persons}
        self._found.update(rows)
        self._expected.update(rows)

    def find(self, pk: int) -> Person | None:
        """The canonical person of an id; None where there is none to be shown."""
        if pk not in self._found:
            wanted = self._open(self._found.keys(), pk)
            found = Person.objects.filter(pk__in=wanted, is_suppressed=False).in_bulk()
            self._found.update({id: found.get(id) for id in wanted})
        return self._found[pk]

    def memberships(self, pk: int) -> list[Membership]:
        """The stays in accounts of the person and of those merged into it, the latest begun first."""
        if pk not in self._memberships:
            wanted = self._open(self._memberships.keys(), pk)
            self._memberships.update({id: [] for id in wanted})
            rows = (
                Membership.objects.filter(Q(person_id__in=wanted) | Q(person__merged_into_id__in=wanted))
                .annotate(canonical=canonical_id_of("person"))
                .order_by("-starts_at", "-pk")
            )
            for row in rows:
                self._memberships[row.canonical].append(row)
        return self._memberships[pk]

    def answers(self, pk: int, asked: AnswerPage) -> list[SurveyResponse]:
        """A page of the answers of the person, the newest first."""
        known = self._answers[asked]
        if pk not in known:
            # A cursor is one person's own.
            wanted = {pk} if asked.place is not None else self._open(known.keys(), pk)
            known.update(answers_of_persons(wanted, asked))
        return known[pk]

    def answer_count(self, pk: int, instrument: str | None = None) -> int:
        """How many answers the person gave."""
        known = self._answer_counts[instrument]
        if pk not in known:
            known.update(count_by_person(self._open(known.keys(), pk), instrument))
        return known[pk]

    def _open(self, answered: Iterable[int], pk: int) -> set[int]:
        return (self._expected - set(answered)) | {pk}
