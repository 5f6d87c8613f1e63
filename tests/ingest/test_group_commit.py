"""Requests that write at the same time: together where they can, few at once, and sent away where it takes long."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import OperationalError

from engage_server.ingest import group_commit as module
from engage_server.ingest.exceptions import BusyError
from engage_server.ingest.group_commit import GroupCommit, PendingWrite, TenantGroupCommits


class Table:
    """Holds writers until it is opened, and notes what was written together."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.entered = threading.Semaphore(0)
        self.writes: list[list[str]] = []

    def store(self, works: Sequence[str]) -> list[str]:
        self.writes.append(list(works))
        self.entered.release()
        assert self.open.wait(10)
        return [work.upper() for work in works]


def pending(work: str, group: str = "g", size: int = 1) -> PendingWrite[str, str]:
    return PendingWrite(group, work, size=size)


def wait_until_waiting(commits: GroupCommit[str, str], count: int) -> None:
    for _ in range(2000):
        if len(commits._waiting) == count:
            return
        threading.Event().wait(0.005)
    raise AssertionError(f"{len(commits._waiting)} requests wait, not {count}.")


def test_those_that_wait_for_a_turn_are_written_in_one_and_each_gets_its_own_outcome() -> None:
    commits, table = GroupCommit[str, str](writers=1), Table()
    with ThreadPoolExecutor(5) as executor:
        first = executor.submit(commits.submit, pending("a"), table.store)
        assert table.entered.acquire(timeout=10)
        others = [
            executor.submit(commits.submit, one, table.store)
            for one in (pending("b"), pending("c"), pending("x", "other"), pending("huge", size=10**6))
        ]
        wait_until_waiting(commits, 4)
        table.open.set()
        assert [one.result() for one in (first, *others)] == ["A", "B", "C", "X", "HUGE"]
    assert sorted(map(sorted, table.writes)) == [["a"], ["b", "c"], ["huge"], ["x"]]


def test_what_one_cannot_write_along_the_others_write_themselves() -> None:
    commits, table = GroupCommit[str, str](writers=1), Table()

    def fail(works: Sequence[str]) -> list[str]:
        raise ValueError(works)

    with ThreadPoolExecutor(3) as executor:
        first = executor.submit(commits.submit, pending("a"), table.store)
        assert table.entered.acquire(timeout=10)
        others = [executor.submit(commits.submit, pending(work), fail) for work in "bc"]
        wait_until_waiting(commits, 2)
        table.open.set()
        assert first.result() == "A"
        ends = [(one.exception(), None if one.exception() else one.result()) for one in others]
    assert sorted(type(error).__name__ for error, _ in ends) == ["NoneType", "ValueError"]
    assert [outcome for error, outcome in ends if error is None] == [None]
    assert commits.run_exclusive(lambda: "again") == "again"


def test_no_more_than_the_writers_write_at_once() -> None:
    commits, table = GroupCommit[str, str](writers=2, least_beside=0), Table()
    with ThreadPoolExecutor(4) as executor:
        calls = [executor.submit(commits.submit, pending(work, work), table.store) for work in "abcd"]
        wait_until_waiting(commits, 2)
        assert len(table.writes) == 2
        table.open.set()
        assert sorted(call.result() or "" for call in calls) == ["A", "B", "C", "D"]


def test_a_turn_beside_another_begins_with_enough_items_of_one_group() -> None:
    commits, first, beside = GroupCommit[str, str](writers=2, least_beside=3), Table(), Table()
    with ThreadPoolExecutor(5) as executor:
        calls = [executor.submit(commits.submit, pending("a"), first.store)]
        assert first.entered.acquire(timeout=10)
        for count, one in enumerate([pending("b"), pending("x", "other"), pending("c")], start=1):
            calls.append(executor.submit(commits.submit, one, beside.store))
            wait_until_waiting(commits, count)
        assert not beside.writes
        calls.append(executor.submit(commits.submit, pending("d"), beside.store))
        assert beside.entered.acquire(timeout=10)
        assert sorted(beside.writes[0]) == ["b", "c", "d"]
        beside.open.set()
        first.open.set()
        assert sorted(call.result() or "" for call in calls) == ["A", "B", "C", "D", "X"]


def test_who_is_alone_in_a_group_waits_for_two_turns_of_others_at_most() -> None:
    commits, held, lone = GroupCommit[str, str](writers=2, least_beside=100), Table(), Table()
    tables = [Table(), Table()]
    with ThreadPoolExecutor(4) as executor:
        calls = [executor.submit(commits.submit, pending("a"), held.store)]
        assert held.entered.acquire(timeout=10)
        calls.append(executor.submit(commits.submit, pending("x", "other"), lone.store))
        wait_until_waiting(commits, 1)
        for name, table in zip("bc", tables, strict=True):
            assert not lone.writes
            calls.append(executor.submit(commits.submit, pending(name, size=100), table.store))
            assert table.entered.acquire(timeout=10)
            table.open.set()
            calls[-1].result()
        assert lone.entered.acquire(timeout=10), "it would wait for as long as the first turn lasts"
        lone.open.set()
        held.open.set()
        assert sorted(call.result() or "" for call in calls) == ["A", "B", "C", "X"]


def test_a_free_turn_is_taken_though_those_that_were_called_went_along_with_another() -> None:
    commits, tables = (
        GroupCommit[str, str](writers=2, least_beside=0, patience_s=60),
        {name: Table() for name in ("a", "b", "g", "h")},
    )
    with ThreadPoolExecutor(5) as executor:

        def send(work: str, group: str) -> Future[str | None]:
            return executor.submit(commits.submit, pending(work, group), tables[group].store)

        calls = [send("a", "a"), send("b", "b")]
        assert tables["a"].entered.acquire(timeout=10)
        assert tables["b"].entered.acquire(timeout=10)
        for count, (work, group) in enumerate([("1", "g"), ("2", "g"), ("3", "h")], start=1):
            calls.append(send(work, group))
            wait_until_waiting(commits, count)
        with commits._lock:  # both commits end before any that waits goes on
            tables["a"].open.set()
            tables["b"].open.set()
        assert tables["g"].entered.acquire(timeout=10)
        # The writer of g holds its turn; the other turn is for h.
        assert tables["h"].entered.acquire(timeout=10)
        tables["g"].open.set()
        tables["h"].open.set()
        assert sorted(call.result() or "" for call in calls) == ["1", "2", "3", "A", "B"]


def test_tenants_have_turns_of_their_own_so_that_none_waits_for_another() -> None:
    commits, table = TenantGroupCommits[str, str](), Table()
    with ThreadPoolExecutor(1) as executor:
        held = executor.submit(commits.of(1).submit, pending("a"), table.store)
        assert table.entered.acquire(timeout=10)
        assert commits.of(2).run_exclusive(lambda: "b") == "b"
        assert commits.of(1) is commits.of(1)
        table.open.set()
        assert held.result() == "A"


def test_who_waits_while_no_turn_ends_is_sent_away_and_told_when_to_come_back() -> None:
    commits, table = GroupCommit[str, str](writers=1, patience_s=0.05), Table()
    with ThreadPoolExecutor(1) as executor:
        first = executor.submit(commits.submit, pending("a"), table.store)
        assert table.entered.acquire(timeout=10)
        with pytest.raises(BusyError) as refusal:
            commits.submit(pending("b"), table.store)
        assert int(refusal.value.headers["Retry-After"]) > 0
        table.open.set()
        assert first.result() == "A"
    assert commits.submit(pending("b"), table.store) == "B"


def test_only_so_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 1)
    commits, table = GroupCommit[str, str](writers=1), Table()
    with ThreadPoolExecutor(2) as executor:
        calls = [executor.submit(commits.submit, pending("a"), table.store)]
        assert table.entered.acquire(timeout=10)
        calls.append(executor.submit(commits.submit, pending("b"), table.store))
        wait_until_waiting(commits, 1)
        with pytest.raises(BusyError):
            commits.run_exclusive(lambda: "c")
        table.open.set()
        assert [call.result() for call in calls] == ["A", "B"]


def test_an_outage_that_one_met_is_told_to_all_that_were_written_along_at_once() -> None:
    commits, table = GroupCommit[str, str](writers=1), Table()
    tries: list[int] = []

    def fail(works: Sequence[str]) -> list[str]:
        tries.append(len(works))
        raise OperationalError("the database is away")

    with ThreadPoolExecutor(4) as executor:
        first = executor.submit(commits.submit, pending("a"), table.store)
        assert table.entered.acquire(timeout=10)
        others = [executor.submit(commits.submit, pending(work), fail) for work in "bcd"]
        wait_until_waiting(commits, 3)
        table.open.set()
        assert first.result() == "A"
        assert [str(one.exception()) for one in others] == ["the database is away"] * 3
    assert tries == [3]
