"""What bodies of 5 MB cost of which nobody knows whose they are: python -m tests.chaos.unkeyed [--every 10].

Each body of the malformed set is blown up to 5 MB, and others are made to be expensive; all go through the tracking
paths without a key, each in a process of its own. None may take more than half a second of processor time or 50 MB.
No database is needed: none is to be asked.
"""

import argparse
import gzip
import io
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table

MOST_CPU_S, MOST_MB = 0.5, 50.0
SIZE: Final = 5 * 1024 * 1024
WORST_SHOWN: Final = 10
Application = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Body:
    """A body, and where it goes."""

    name: str
    path: str
    content: bytes
    is_packed: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What one body cost, and how it was answered."""

    body: Body
    status: int
    cpu_s: float
    grown_mb: float

    @property
    def is_too_much(self) -> bool:
        """Whether it cost more than anybody may take who is not known, or was answered wrongly."""
        return self.cpu_s > MOST_CPU_S or self.grown_mb > MOST_MB or not 400 <= self.status < 500


def bodies(*, every: int) -> Iterator[Body]:
    """Every so-many-th malformed body, and each of those that are made to be expensive."""
    from tests.ingest.protocols.bodies import PATHS
    from tests.ingest.protocols.malformed import seeds

    for protocol, path in PATHS.items():
        for number, seed in enumerate(seeds(protocol)[::every]):
            yield Body(f"{protocol} {number * every}", path, blown_up(seed))
        for name, content in EXPENSIVE.items():
            yield Body(f"{protocol}, {name}", path, content)
            yield Body(f"{protocol}, {name}, packed", path, gzip.compress(content, 1), is_packed=True)
        for name, content in PACKED.items():
            yield Body(f"{protocol}, {name}", path, content, is_packed=True)


def blown_up(seed: bytes) -> bytes:
    """The body with what stands in its list repeated, to 5 MB."""
    before, bracket, rest = seed.partition(b"[")
    inner, _, after = rest.rpartition(b"]")
    times = (SIZE - len(before) - len(after) - 2) // (len(inner) + 1)
    return before + bracket + b",".join([inner] * max(times, 1)) + b"]" + after


def _filled(text: bytes, *, before: bytes = b"", after: bytes = b"") -> bytes:
    return before + text * ((SIZE - len(before) - len(after)) // len(text)) + after


EXPENSIVE: Final[Mapping[str, bytes]] = {
    "ones": _filled(b"1,", before=b'{"batch":[', after=b"1]}"),
    "a bare list of ones": _filled(b"1,", before=b"[", after=b"1]"),
    "empty objects": _filled(b"{},", before=b'{"events":[', after=b"{}]}"),
    "texts": _filled(b'"",', before=b'{"data":[', after=b'""]}'),
    "brackets": _filled(b"["),
    "fields": b'{"a":1' + b"".join(b',"%d":1' % number for number in range(400_000)) + b"}",
    "quotes": _filled(b'"\\'),
    "a form": _filled(b"%41", before=b"data="),
    "a short form": b"data=" + b"%41" * 174_000,
    "fields of a form": _filled(b"a=1&"),
    "base64": _filled(b"eyJhIjoxfQ"),
    "blanks": _filled(b" "),
    "lines": _filled(b"\n"),
    "lines of objects": _filled(b"{}\n"),
    "keys": _filled(b"eng_live_ing_" + b"a" * 12 + b"_" + b"b" * 43 + b"_" + b"cccccc" + b'",'),
}
PACKED: Final[Mapping[str, bytes]] = {
    "empty members": gzip.compress(b"") * (SIZE // 20),
    "members of a byte": gzip.compress(b"1") * (SIZE // 21),
    "a bomb": gzip.compress(b" " * 200_000_000, 9),
    "no gzip": _filled(b"x"),
}


def measured(application: Application, body: Body) -> Cost:
    """What a process of its own takes to answer it."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        before, began = _resident_mb(), time.process_time()
        status = _answer(application, body)
        cpu_s = time.process_time() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        os.write(write, f"{status} {cpu_s} {max(peak - before, 0)}".encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        status, cpu_s, grown_mb = told.read().split()
    os.waitpid(child, 0)
    return Cost(body, int(status), float(cpu_s), float(grown_mb))


def _resident_mb() -> float:
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _answer(application: Application, body: Body) -> int:
    path, _, query = body.path.partition("?")
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body.content),
        "CONTENT_LENGTH": str(len(body.content)),
        "CONTENT_TYPE": "application/json",
    }
    if body.is_packed:
        environ["HTTP_CONTENT_ENCODING"] = "gzip"
    answered: list[str] = []
    b"".join(application(environ, lambda status, headers: answered.append(status)))
    return int(answered[0].split()[0])


def main() -> int:
    """1 where a body cost too much, or was not refused."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.unkeyed", description=__doc__)
    parser.add_argument(
        "--every", type=int, default=1, help="of the malformed bodies; the expensive ones all"
    )
    every: int = parser.parse_args().every
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engage_server.settings.base")
    os.environ["ENGAGE_LOG_LEVEL"] = "ERROR"
    import django

    django.setup()
    from engage_server.ingest.wsgi import with_short_path

    application = with_short_path(lambda environ, start_response: [])
    _answer(application, Body("the first", "/v1/batch", b"{}"))  # what is loaded once is loaded
    costs = [measured(application, body) for body in bodies(every=every)]
    table = Table("body", "answer", "CPU s", "MB")
    for cost in sorted(costs, key=lambda cost: (cost.is_too_much, cost.cpu_s), reverse=True)[:WORST_SHOWN]:
        table.add_row(cost.body.name, str(cost.status), f"{cost.cpu_s:.2f}", f"{cost.grown_mb:.0f}")
    console = Console(soft_wrap=True)
    console.print(table)
    wrong = sum(cost.is_too_much for cost in costs)
    console.print(f"{len(costs)} bodies of nobody, {wrong} of them over {MOST_CPU_S} s or {MOST_MB:.0f} MB")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
