"""Starting the server under demonstration."""

import socket
import subprocess
import sys

import pytest

from engage_server.demo.exceptions import ServerFailedError
from engage_server.demo.server import RunningServer, free_port, wait_until_it_answers


def test_a_port_in_use_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert free_port(taken.getsockname()[1]) > taken.getsockname()[1]


def test_a_server_that_ends_at_once_is_reported_with_its_code():
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(ServerFailedError, match="ended with code 3"):
        wait_until_it_answers(RunningServer(free_port(18_000), process))
