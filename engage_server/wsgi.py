"""WSGI entry point: tracking requests take the short path, Django answers the rest."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engage_server.settings.base")
django_application = get_wsgi_application()

from engage_server.api.composition import verify_installed  # noqa: E402  # needs the apps to be loaded
from engage_server.ingest.short_path import with_short_path  # noqa: E402  # likewise
from engage_server.telemetry.requests import with_request_ids  # noqa: E402  # likewise
from engage_server.telemetry.tracing import traced  # noqa: E402  # likewise

# Plugins whose GraphQL names clash stop the start: better no server than one that serves the wrong owner's field.
verify_installed()
application = with_request_ids(traced(with_short_path(django_application)))
