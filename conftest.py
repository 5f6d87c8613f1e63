"""Settings of all tests, the plugins' too."""

from hypothesis import settings

# A busy machine is no failure: properties are judged by what they say, never by how long they take.
settings.register_profile("engage", deadline=None)
settings.load_profile("engage")
