"""What was found on single days is kept as periods, in whatever order the days are computed."""

from datetime import timedelta

import pytest

from engage_server.operations.merges import person_known_as
from engage_server.operations.segments import change_members, create_segment
from engage_server.segments.erasure import remove_from_segments
from engage_server.segments.membership import Moved, forget_members, record_members, stored_members
from engage_server.segments.models import SegmentMember
from engage_server.tenancy.scope import tenant_scope
from tests.segments.conftest import DAY

FOUND = {0: {1, 2}, 1: {2, 3}, 2: {2, 3}, 3: {1}, 4: set()}


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [0, 2, 4, 1, 3, 4]])
def test_each_computed_day_has_whom_it_had_last(acme, globex, order):
    with tenant_scope(acme):
        for number in order:
            record_members(1, FOUND[number], DAY + timedelta(days=number))
        for number, expected in FOUND.items():
            assert stored_members(1, DAY + timedelta(days=number)) == expected
        assert stored_members(2, DAY) == frozenset()
        forget_members(1)
        assert not SegmentMember.objects.exists()
    with tenant_scope(globex):
        assert not SegmentMember.objects.exists()


def test_a_past_day_is_corrected_without_touching_the_others(acme):
    with tenant_scope(acme):
        for number in range(5):
            record_members(1, {1}, DAY + timedelta(days=number))
        record_members(1, {1, 2}, DAY + timedelta(days=5))
        moved = record_members(1, {3}, DAY + timedelta(days=2))
        assert moved == Moved(joined=frozenset({3}), left=frozenset({1}))
        found = [stored_members(1, DAY + timedelta(days=number)) for number in range(7)]
        assert found == [{1}, {1}, {3}, {1}, {1}, {1, 2}, {1, 2}]
        assert not record_members(1, {3}, DAY + timedelta(days=2))


def test_an_erased_person_leaves_segments_of_persons_and_the_account_of_the_same_number_stays(filled):
    with tenant_scope(filled):
        ada = person_known_as("ada")
        people = create_segment("People", {"subject": "person"}).number
        change_members(people, add=["ada", "bob"], start=DAY)
        firms = create_segment("Firms", {"subject": "account"}).number
        record_members(firms, {ada}, DAY)
        assert remove_from_segments([ada]) == 1
        assert ada not in stored_members(people, DAY)
        assert stored_members(firms, DAY) == {ada}
