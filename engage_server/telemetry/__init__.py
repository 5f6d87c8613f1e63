"""What the server tells its operators: counters, log lines, request ids, traces."""
