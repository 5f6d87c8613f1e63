"""Settings of all tests, the plugins' too."""

import os

from hypothesis import settings

# Each test examines the plugins that it installs.
os.environ.setdefault("ENGAGE_PLUGIN_VERDICTS", "")

# A busy machine is no failure: properties are judged by what they say, never by how long they take.
settings.register_profile("engage", deadline=None)
settings.load_profile("engage")
