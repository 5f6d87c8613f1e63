"""Settings of the test suite: the same server, a database of its own."""

import os

from engage_server.settings.base import *

ENGAGE_ENV = "testing"
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
# Two test runs at once need two names.
DATABASES["default"]["TEST"] = {"NAME": os.environ.get("ENGAGE_TEST_DATABASE", f"test_{ENGAGE_DATABASE}")}
SECRET_KEY = "tests-only-" + "0" * 50
# Due means due at once, unless a test is about the spread.
ENGAGE_SCHEDULE_JITTER_S = 0
# Slow by intent, which tests need not wait for.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests ask as fast as they can; those of the limits set them.
ENGAGE_QUERY_POINTS = 0
ENGAGE_PERSON_POINTS_PER_MINUTE = 0
