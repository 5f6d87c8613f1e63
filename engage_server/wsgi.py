"""WSGI entry point: tracking requests and programs' queries take short paths, Django answers the rest."""

import os
from typing import Final

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engage_server.settings.base")
django_application = get_wsgi_application()

from engage_server.api.wsgi import with_short_queries  # noqa: E402  # needs the apps to be loaded
from engage_server.engine.clock_checks import with_right_clock  # noqa: E402  # likewise
from engage_server.engine.gc_tuning import collect_rarely  # noqa: E402  # likewise
from engage_server.ingest.wsgi import with_short_path  # noqa: E402  # likewise
from engage_server.plugin_host.registry import registry  # noqa: E402  # likewise
from engage_server.telemetry.requests import with_request_ids  # noqa: E402  # likewise
from engage_server.telemetry.tracing import traced  # noqa: E402  # likewise
from engage_server.tenancy import embedded  # noqa: E402  # likewise
from engage_server.tenancy.departures import with_departures_noticed  # noqa: E402  # likewise

COLLECT_AFTER_OBJECTS: Final = 20_000
START_AWAITED_S: Final = 0.02

# Before the first request: what is broken or clashes is put aside now, and said in the log.
registry()
application = with_request_ids(
    traced(with_right_clock(with_departures_noticed(with_short_path(with_short_queries(django_application)))))
)
# A client is told at once to come back, rather than kept waiting with a thread of ours.
embedded.wait_at_most(START_AWAITED_S)

# What is loaded by now stays for good, and a batch's objects form no cycles: the collector need not look at them.
collect_rarely(after_objects=COLLECT_AFTER_OBJECTS)
