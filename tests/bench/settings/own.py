"""The server as it is, with one more migration where the benchmark asks for it."""

import os

from engage_server.settings.base import *

MIGRATION_MODULES = {"customers": package} if (package := os.environ.get("BENCH_MIGRATIONS")) else {}
