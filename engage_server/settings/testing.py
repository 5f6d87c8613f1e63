"""Settings of the test suite: the same server, a database of its own."""

from engage_server.settings.base import *

ENGAGE_ENV = "testing"
CONN_MAX_AGE = 0
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
SECRET_KEY = "tests-only-" + "0" * 50  # not a secret
