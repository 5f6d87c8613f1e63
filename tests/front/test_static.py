"""Files of the pages: those that are there, by their names, and nothing else."""

import logging

import pytest
from django.test import Client

# What an answer costs in the log is told by signals, which look after the connections.
pytestmark = pytest.mark.django_db

ODD = [
    "..%2furls.py",
    "..%2f..%2furls.py",
    "%2e%2e/urls.py",
    "%00",
    "people.css%00",
    "/etc/passwd",
    "%c0%af",
    "x" * 5_000,
]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("folder", ["people", "graphiql"])
def test_a_name_that_is_no_files_is_a_404_without_a_traceback(
    folder: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert Client().get(f"/static/engage/{folder}/{name}").status_code == 404
    assert not [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR]


def test_a_file_is_served() -> None:
    response = Client().get("/static/engage/graphiql/graphiql.js")
    assert response.status_code == 200
    assert b"".join(response.streaming_content)
