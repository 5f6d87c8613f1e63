"""RSGI entry point, which ``serve`` runs: the front, and behind it the WSGI application."""

import os
from typing import Final

from engage_server.wsgi import application as wsgi_application  # first: it sets Django up

from engage_server.front.application import Front  # isort: skip
from engage_server.front.surfaces import surface_of  # isort: skip

THREADS: Final = int(os.environ.get("ENGAGE_HTTP_THREADS", "16"))

application = Front(wsgi_application, surface_of=surface_of, threads=THREADS)
