"""A tenant goes to and fro between two servers, and the command is killed at every step, while clients send.

``python -m tests.chaos.move [--moves N] [--json PATH]``. Nothing is lost or doubled, keys and the dashboard's queries work
before and after, a member signs in with the same password and sees the same, both sides are in order and nothing is left
behind. Prints each move's seconds without acceptance.
Progress goes to standard error; each wait is bounded.
"""

import argparse
import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from tests.chaos import move_member
from tests.chaos.move_clients import Dashboard, Sender, longest_gap_s
from tests.chaos.move_places import LEFTOVERS, Place, serving, two_places
from tests.chaos.move_steps import Mover, Point, dealt, points_of_no_arrival

SENDERS: Final = 2
# Shared rows; what else there is goes with the tenant's own row.
OF_ACME: Final = {
    "the tenant": "SELECT count(*) FROM tenancy_tenant WHERE slug = 'acme'",
    "its domain": "SELECT count(*) FROM tenancy_domain WHERE domain = 'acme.localhost'",
    "keys of nobody": "SELECT count(*) FROM access_apikey WHERE tenant_id NOT IN (SELECT id FROM tenancy_tenant)",
    "runs of nobody": "SELECT count(*) FROM engine_run WHERE tenant_id NOT IN (SELECT id FROM tenancy_tenant)",
}
ROLES: Final = "SELECT rolname FROM pg_roles WHERE rolname ~ '^t_'"
GOAL_S: Final = 2.0  # without acceptance


@dataclass(frozen=True, slots=True)
class Trip:
    """One move. ``frozen_s`` is the command's word; ``gap_s`` the clients': the longest time in which nothing was accepted,
    over all the runs of the command that were killed."""

    to: str
    killed: tuple[str, ...]
    rows: int
    frozen_s: float | None
    parts_s: dict[str, float]
    gap_s: float


@dataclass(slots=True)
class Outcome:
    """What came of a trial. ``undone``: the points after which a move was taken back."""

    trips: list[Trip] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    acknowledged: int = 0
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def killed(self) -> list[str]:
        """At which points."""
        return [point for trip in self.trips for point in trip.killed]


class Trial:
    """Two places that serve, movers that have loaded everything, clients."""

    def __init__(self, places: tuple[Place, Place], stack: ExitStack) -> None:
        self.places = places
        self.outcome = Outcome()
        self.home = 0
        self._movers = [Mover(place) for place in places]
        for one in self._movers:
            stack.callback(one.close)
        made = self._create(0, "acme")
        # The second place is a copy of the first, so that every number that it draws was drawn at the first.
        self._create(0, "globex")
        self._create(1, "initech")
        self._numbers: list[set[int]] = [self._tenant_numbers(0), self._tenant_numbers(1)]
        for place in places:
            stack.enter_context(serving(place))
        # eng_live_<kind>_<cell>_<public id>_…
        self._key_ids = [key.split("_")[4] for key in made["keys"].values()]
        ports = [place.port for place in places]
        self.senders = [Sender(made["keys"]["ingest"], ports, f"m{number}") for number in range(SENDERS)]
        self._dashboard = Dashboard(made["keys"]["admin"])
        invited = self._movers[0].manage(
            "member", "add", move_member.EMAIL, "--role", move_member.ROLE, "--tenant", "acme"
        )
        move_member.Visitor(places[0]).choose_password(invited)
        self._seen = self._look()

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Clients send all the while."""
        stop = threading.Event()
        threads = [threading.Thread(target=sender.send_until, args=(stop,)) for sender in self.senders]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def move(self, points: Sequence[Point]) -> None:
        """There, killed at each of the points; the command is given again at once."""
        mover, there = self._movers[self.home], self.places[1 - self.home]
        began = time.monotonic()
        for point in points:
            ended = mover.move("acme", there.name, kill=point)
            if not ended["killed"]:
                self.outcome.wrong.append(f"the move never came to {point}: {ended}")
            say(f"killed {point}")
        ended = mover.move("acme", there.name)
        if "failed" in ended:
            raise AssertionError(f"after {points}: {ended['failed']}")
        gap_s = longest_gap_s(self.senders, first=began, last=time.monotonic())
        self.home = 1 - self.home
        trip = Trip(
            there.name, tuple(map(str, points)), ended["rows"], ended["frozen_s"], ended["parts_s"], round(gap_s, 3)
        )  # fmt: skip
        self.outcome.trips.append(trip)
        say(f"move {len(self.outcome.trips)}: {trip}")
        self._require_new_number()
        self._require_order()

    def take_back(self, point: Point) -> None:
        """A move that is killed at the point is undone; the first try to is killed too."""
        mover, there = self._movers[self.home], self.places[1 - self.home]
        if not mover.move("acme", there.name, kill=point)["killed"]:
            self.outcome.wrong.append(f"the move that is taken back never came to {point}")
        # Where nothing was offered yet there is nothing to withdraw, and it ends at once.
        ended = mover.move("acme", "", kill=Point("withdraw", "before"))
        if ended["killed"]:
            ended = mover.move("acme", "")
        if "failed" in ended:
            raise AssertionError(f"taken back after {point}: {ended['failed']}")
        say(f"taken back, killed {point}")
        self.outcome.undone.append(str(point))
        self._require_order()

    def close_up(self) -> None:
        """Nothing lost, nothing doubled, and `tenant verify` finds nothing on either side."""
        for number, sender in enumerate(self.senders):
            self.outcome.acknowledged += len(sender.acknowledged)
            self.outcome.wrong += [f"sender {number}: {failure}" for failure in sender.failures]
        self._compare()
        self._require_own_names()
        for mover in self._movers:
            mover.manage("tenant", "verify")
        statuses: dict[int, int] = defaultdict(int)
        for sender in self.senders:
            for status, times in sender.statuses.items():
                statuses[status] += times
        self.outcome.statuses = dict(sorted(statuses.items()))

    def _require_order(self) -> None:
        for place in self.places:
            self.outcome.wrong += [f"{place.name} keeps {left}" for (left,) in place.ask(LEFTOVERS)]
        left = self.places[1 - self.home]
        for what, question in OF_ACME.items():
            if left.ask(question) != [(0,)]:
                self.outcome.wrong.append(f"{left.name} keeps {what}")
        self.outcome.wrong += self._misled()
        seen = self._look()
        if seen != self._seen:
            self.outcome.wrong.append(
                f"the dashboard shows other answers than before: {_first_difference(self._seen, seen)}"
            )

    def _create(self, place: int, slug: str) -> dict[str, Any]:
        named = ("--name", slug, "--domain", f"{slug}.localhost", "--json")
        return dict(json.loads(self._movers[place].manage("tenant", "create", slug, *named)))

    def _tenant_numbers(self, place: int) -> set[int]:
        return {number for (number,) in self.places[place].ask("SELECT id FROM tenancy_tenant")}

    def _require_new_number(self) -> None:
        now = self._tenant_numbers(self.home)
        if len(now - self._numbers[self.home]) != 1:
            self.outcome.wrong.append(f"{self.places[self.home].name} gave a number twice: {now}")
        self._numbers[self.home] |= now

    def _require_own_names(self) -> None:
        """Tenants that are made after all the moves have numbers and roles that nobody had on either side."""
        for place in (0, 1):
            self._create(place, f"late-{place}")
            if len(self._tenant_numbers(place) - self._numbers[place]) != 1:
                self.outcome.wrong.append(f"{self.places[place].name} gave a former tenant's number again")
        schemas = [
            row for place in self.places for row in place.ask("SELECT schema_name FROM tenancy_tenant")
        ]
        roles = [row for place in self.places for row in place.ask(ROLES)]
        if len({*schemas}) != 5 or sorted(roles) != sorted(schemas):
            self.outcome.wrong.append(f"schemas {schemas} and roles {roles} are not five on both sides")

    def _misled(self) -> list[str]:
        """What a proxy's routes lack, written at the side that was left: the tenant's host and its keys, from afar."""
        folder = self.places[0].data_dir.parent
        self._movers[1 - self.home].manage("cells", "routes", "--format", "haproxy", "--to", str(folder))
        home = self.places[self.home].name
        hosts = (folder / "hosts.map").read_text().splitlines()
        keys = dict(line.split() for line in (folder / "keys.map").read_text().splitlines())
        expected = {} if self.home == 0 else dict.fromkeys(self._key_ids, home)
        wrong = (
            [] if f"acme.localhost {home}" in hosts else [f"the routes do not lead hosts to {home}: {hosts}"]
        )
        return wrong if keys == expected else [*wrong, f"the routes lead keys of {home} so: {keys}"]

    def _look(self) -> dict[str, Any]:
        said, wrong = self._dashboard.look(self.places[self.home])
        of_member, wrong_there = move_member.look(self.places[self.home])
        self.outcome.wrong += [*wrong, *wrong_there]
        return {**said, "what the member sees": of_member}

    def _compare(self) -> None:
        home = self.places[self.home]
        ((schema,),) = home.ask("SELECT schema_name FROM tenancy_tenant WHERE slug = 'acme'")
        stored = dict(home.ask(f"SELECT message_id, count(*) FROM {schema}.activity_event GROUP BY 1"))  # noqa: S608
        acknowledged = set().union(*(sender.acknowledged for sender in self.senders))
        if lost := acknowledged - stored.keys():
            self.outcome.wrong.append(f"{len(lost)} events were acknowledged and are not stored")
        if doubled := [name for name, times in stored.items() if times > 1]:
            self.outcome.wrong.append(f"{len(doubled)} events are stored twice")


def say(text: str) -> None:
    """On standard error."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")


def run(*, moves: int, undone: Sequence[Point]) -> Outcome:
    """Move a tenant so often, killed at every point once over all of the moves; another tenant stays.

    Before that it sets out once for each point of ``undone``, is killed there and taken back.
    """
    with two_places() as places, ExitStack() as stack:
        trial = Trial(places, stack)
        with trial.sending():
            for point in undone:
                trial.take_back(point)
            for points in dealt(moves):
                trial.move(points)
            say("moved")
        trial.close_up()
    return trial.outcome


def _first_difference(before: dict[str, Any], after: dict[str, Any]) -> str:
    name = next(one for one in before if before[one] != after.get(one))
    return f"{name}: {str(before[name])[:400]} and {str(after.get(name))[:400]}"


def show(outcome: Outcome) -> None:
    """The moves as a table."""
    table = Table(
        title=f"{len(outcome.trips)} moves, {len(outcome.killed)} kills; {len(outcome.undone)} more taken back"
    )
    for column in ("to", "killed", "rows", "frozen s", "of that", "without acceptance s"):
        table.add_column(column)
    for trip in outcome.trips:
        frozen = "" if trip.frozen_s is None else f"{trip.frozen_s:.2f}"
        parts = ", ".join(f"{part} {seconds:.2f}" for part, seconds in trip.parts_s.items())
        table.add_row(trip.to, "\n".join(trip.killed), str(trip.rows), frozen, parts, f"{trip.gap_s:.2f}")
    Console().print(table)
    longest = max(trip.gap_s for trip in outcome.trips)
    Console().print(
        f"{outcome.acknowledged:,} events acknowledged, answers {outcome.statuses}; longest time without acceptance "
        f"{longest:.2f} s (goal {GOAL_S:g}): {'met' if longest <= GOAL_S else 'NOT MET'}"
    )


def main() -> None:
    """Parse, run, print; status 1 where anything is wrong, or took longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    outcome = run(moves=options.moves, undone=points_of_no_arrival())
    show(outcome)
    if options.json:
        options.json.write_text(json.dumps(asdict(outcome), indent=2) + "\n")
    for line in outcome.wrong:
        sys.stdout.write(f"WRONG: {line}\n")
    sys.exit(1 if outcome.wrong or max(trip.gap_s for trip in outcome.trips) > GOAL_S else 0)


if __name__ == "__main__":
    main()
