"""A foreign plugin that misbehaves in the way its configuration names, installed for a test as a distribution."""

import ctypes
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count

from pydantic import Field

from engage_server.sdk import (
    TENANT,
    Accounts,
    Card,
    ComputeRequest,
    Contribution,
    Direction,
    Manifest,
    Measurement,
    Metric,
    PluginConfig,
    account,
    hookimpl,
)

SEEN: list[object] = []
CARD = Card(formula="none", source="ours", edge_rules=("none",))


class MisbehavingConfig(PluginConfig):
    way: str = Field("answer", description="How to behave.")
    path: str = Field("", description="A file to note process ids in.")
    since: timedelta = Field(timedelta(days=1), description="A field that JSON knows only as text.")


@hookimpl
def engage_manifest() -> Manifest:
    metric = Metric(
        id="rows",
        title="Rows",
        unit="rows",
        direction=Direction.UP,
        subjects=("tenant", "account"),
        card=CARD,
    )
    return Manifest(
        id="misbehaving",
        sdk=">=2,<3",
        title="Misbehaving",
        config=MisbehavingConfig,
        metrics=(metric,),
        inputs={"accounts": Accounts()},
    )


@hookimpl
def engage_compute(request: ComputeRequest[MisbehavingConfig]) -> Iterable[Measurement]:
    return globals()[request.config.way](request)


def answer(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    rows = request.inputs["accounts"].height
    parts = (
        Contribution("a", "A", Decimal("0.1"), points=rows, note="all"),
        Contribution("b", "B", None, points=0),
    )
    details = {"exact": Decimal("0.30"), "text": "0.30", "yes": True, "none": None, "float": 0.5}
    return [Measurement("rows", TENANT, rows, rows, contributions=parts, details=details)]


def window(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    seen = request.window
    details = {
        "hours": (seen.end.timestamp() - seen.start.timestamp()) / 3600,
        "start": seen.start.isoformat(),
    }
    return [Measurement("rows", TENANT, request.config.since.days, 1, details=details)]


def surroundings(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    return [Measurement("rows", TENANT, os.getpid(), 1, details=dict(os.environ))]


def loaded(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    return [Measurement("rows", TENANT, 1, 1, details={"django": "django" in sys.modules})]


def sleep(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    time.sleep(600)
    return []


def loop(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    while True:
        pass


def sleep_in_c(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    ctypes.PyDLL(None).sleep(600)  # a PyDLL keeps the interpreter's lock: no other thread gets to run
    return []


def allocate(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    return [Measurement("rows", TENANT, len(bytearray(10 << 30)), 1)]


def endless(request: ComputeRequest[MisbehavingConfig]) -> Iterator[Measurement]:
    for number in count(1):
        yield Measurement("rows", account(number), 1, 1)


def verbose(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    return [Measurement("rows", TENANT, 1, 1, details={"text": "x" * (2 << 20)})]


def divide(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    return [Measurement("rows", TENANT, 1 / 0, 1)]


def leave(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    os._exit(7)


def ask_to_leave(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    sys.exit("enough")


def crash(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    ctypes.string_at(0)
    return []


def babble(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    os.write(1, b"\x00garbage\xff" * 100_000)
    sys.stderr.write("more of it")
    return answer(request)


def forge(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, b"\x00\x00\x00\x00\x00\x00\x00\x07garbage")
        except OSError:
            continue
    time.sleep(600)
    return []


def write(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    with open(request.config.path, "w") as file:
        file.write("something")
    return []


def multiply(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    """The beginning of a fork bomb."""
    for _ in range(4):
        os.fork()
    time.sleep(600)
    return []


def execute(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)"])  # noqa: S606  # refused
    return []


def read(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    with open(request.config.path.replace("{parent}", str(os.getppid())), "rb") as file:
        return [Measurement("rows", TENANT, len(file.read()), 1)]


def remove(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    os.unlink(request.config.path)
    return []


def connect(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    socket.create_connection(("127.0.0.1", int(request.config.path)))
    return []


def kill_parent(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    os.kill(os.getppid(), signal.SIGTERM)
    return []


def leave_the_session(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    os.setsid()
    return []


def unbound(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return []


def remember(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    """How many calls this process has seen."""
    SEEN.append(request)
    return [Measurement("rows", TENANT, len(SEEN), 1)]


def say_who(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    raise ValueError(f"invalid score for 'Jane Doe' <jane@acme.com> in 'account': {'x' * 1000}")


def leave_a_thread(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    threading.Thread(target=time.sleep, args=(600,)).start()
    return answer(request)


def not_json(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    return [Measurement("rows", TENANT, 1, 1, details={"list": [1]})]


def too_big(request: ComputeRequest[MisbehavingConfig]) -> list[Measurement]:
    return [Measurement("rows", TENANT, 2**70, 1)]
