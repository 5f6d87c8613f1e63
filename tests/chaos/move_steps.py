"""The steps of a move, and the process that is killed at one of them.

``python -m tests.chaos.move_steps``: each line on standard input is a move or a command, done in a child that is forked
from a process which has loaded everything; the answer is a line of JSON.
"""

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from io import StringIO
from itertools import zip_longest
from typing import Any, Final

from tests.chaos.move_places import ROOT, Place

MOVES: Final = "engage_server.operations.moves"
BEFORE, AFTER = "before", "after"


@dataclass(frozen=True, slots=True)
class Step:
    """A function that a move calls once. ``commits``: it ends with a transaction, before whose commit it can be killed."""

    name: str
    module: str
    function: str
    commits: bool = False


# In the order of the way.
STEPS: Final = (
    Step("note", "departure", "note", commits=True),
    Step("make schema", "arrival", "make_schema", commits=True),
    Step("publish", "replication", "publish", commits=True),
    Step("subscribe", "replication", "subscribe"),
    Step("catch up", "replication", "catch_up"),
    Step("analyze", "arrival", "analyze"),
    Step("record", "departure", "record_begun", commits=True),
    Step("freeze", "departure", "freeze", commits=True),
    Step("drain", "replication", "drain"),
    Step("compare", "comparison", "compare"),
    Step("arrive", "arrival", "arrive", commits=True),
    Step("note arrival", "departure", "step"),
    Step("unsubscribe", "replication", "unsubscribe"),
    Step("withdraw", "replication", "withdraw", commits=True),
    Step("leave", "departure", "leave", commits=True),
)
# Steps of several statements without a transaction around them: killed before this one as well.
WITHIN: Final = {
    "publish": "pg_create_logical_replication_slot",
    "unsubscribe": "DROP SUBSCRIPTION",
    "withdraw": "DROP PUBLICATION",
}


@dataclass(frozen=True, slots=True)
class Point:
    """Where a move is killed: before the commit of a step (before it begins, where it has none), after its end, or before
    a statement of it that holds the text ``when``."""

    step: str
    when: str

    def __str__(self) -> str:
        return f"{self.when} {self.step}" if self.when in (BEFORE, AFTER) else f"{self.step}: {self.when}"


def points() -> list[Point]:
    """Every point, in the order of the way."""
    found = []
    for step in STEPS:
        whens = [BEFORE, *([WITHIN[step.name]] if step.name in WITHIN else []), AFTER]
        found += [Point(step.name, when) for when in whens]
    return found


def points_of_no_arrival() -> list[Point]:
    """Those at which a move can still be taken back, and has begun."""
    every = points()
    return every[every.index(Point("note", AFTER)) : every.index(Point("arrive", AFTER))]


def dealt(moves: int) -> list[list[Point]]:
    """The points over so many moves, each once; those of one move stand in the order of its way."""
    every = points()
    rounds = [every[first : first + moves] for first in range(0, len(every), moves)]
    return [[point for point in of if point is not None] for of in zip_longest(*rounds)][:moves]


class Mover:
    """Moves a tenant and runs commands, in processes that are forked from one which has loaded everything."""

    def __init__(self, place: Place) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT, env=place.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def move(self, slug: str, to: str, *, kill: Point | None = None) -> dict[str, Any]:
        """How it ended: whether it was killed, else the rows and seconds; ``failed`` where it could not.

        To nowhere takes the move back.
        """
        return self._ask({"slug": slug, "to": to, "kill": None if kill is None else [kill.step, kill.when]})

    def manage(self, *arguments: str) -> str:
        """What the command says; it must end well."""
        ended = self._ask({"command": arguments})
        if "failed" in ended:
            raise AssertionError(f"{arguments}: {ended['failed']}")
        return str(ended["said"])

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


def main() -> None:
    """Each line is done in a child that may be killed."""
    import django

    django.setup()
    import engage_server.operations.moves.move  # noqa: F401  # loaded once, not by each child

    for line in sys.stdin:
        asked = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _do_in_child(asked, writing)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reading) as told:
            answer = told.read() or json.dumps({"killed": os.WTERMSIG(status) == signal.SIGKILL})
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


def _do_in_child(asked: dict[str, Any], writing: int) -> None:
    told: dict[str, Any] = {"killed": False}
    try:
        if "command" in asked:
            told["said"] = _said(asked["command"])
        else:
            told |= _moved(asked)
    except (Exception, SystemExit):  # noqa: BLE001  # told to the parent, whatever it is
        told |= {"failed": traceback.format_exc()}
    os.write(writing, json.dumps(told).encode())
    os._exit(0)


def _said(command: Sequence[str]) -> str:
    from django.core.management import call_command

    with StringIO() as said:
        call_command(*command, stdout=said)
        return said.getvalue()


def _moved(asked: dict[str, Any]) -> dict[str, Any]:
    from engage_server.operations.moves.move import move_tenant, undo

    if asked["kill"]:
        kill_at(Point(*asked["kill"]), lambda: os.kill(os.getpid(), signal.SIGKILL))
    if not asked["to"]:
        undo(asked["slug"])
        return {}
    moved = move_tenant(asked["slug"], asked["to"])
    return {"rows": moved.rows, "frozen_s": moved.frozen_s, "parts_s": dict(moved.parts_s)}


def kill_at(point: Point, kill: Callable[[], None], patch: Callable[[Any, str, Any], None] = setattr) -> None:
    """Have ``kill`` called where the move comes to the point, by what ``patch`` puts in place of its functions."""
    import importlib

    from django.db.backends.utils import CursorWrapper

    from engage_server.tenancy.postgresql.base import DatabaseWrapper

    step = next(one for one in STEPS if one.name == point.step)
    module = importlib.import_module(f"{MOVES}.{step.module}")
    usual, commit, execute = getattr(module, step.function), DatabaseWrapper._commit, CursorWrapper.execute
    inside = [False]

    @wraps(usual)
    def watched(*args: Any, **kwargs: Any) -> Any:
        if step.function == "step" and args[1] != "ARRIVED":
            return usual(*args, **kwargs)
        if point.when == BEFORE and not step.commits:
            kill()
        inside[0] = True
        try:
            answer = usual(*args, **kwargs)
        finally:
            inside[0] = False
        if point.when == AFTER:
            kill()
        return answer

    def watched_commit(self: DatabaseWrapper) -> None:
        if inside[0] and point.when == BEFORE:
            kill()
        commit(self)

    def watched_execute(self: CursorWrapper, statement: Any, params: Any = None) -> Any:
        if inside[0] and point.when in str(statement):
            kill()
        return execute(self, statement, params)

    patch(module, step.function, watched)
    patch(DatabaseWrapper, "_commit", watched_commit)
    if point.when not in (BEFORE, AFTER):
        patch(CursorWrapper, "execute", watched_execute)


if __name__ == "__main__":
    main()
