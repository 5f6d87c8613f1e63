"""Long trials of what must survive: run by ``make chaos-*``, not by the test suite."""
