"""A log line says what it is about, in a form for people or machines, and carries no key."""

import json
import logging
import os
import subprocess
import sys

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from engage_server.access.models import ApiKey
from engage_server.operations.keys import create_key
from engage_server.telemetry.context import about
from engage_server.telemetry.logs import ContextFilter, JsonFormatter, LineFormatter, mask
from engage_server.telemetry.requests import with_request_ids
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.end_to_end.processes import ROOT

FORMATTERS = pytest.mark.parametrize("formatter", [JsonFormatter(), LineFormatter()])


def record(
    message: str = "Run %s failed.", *args: object, exc_info=None, **extra: object
) -> logging.LogRecord:
    made = logging.getLogger("engage.test").makeRecord(
        "engage.test", logging.WARNING, __file__, 1, message, args, exc_info, extra=extra
    )
    ContextFilter().filter(made)
    return made


def test_a_json_line_has_time_level_logger_sentence_and_fields():
    shown = json.loads(JsonFormatter().format(record("Run %s failed.", 7, action="run_failed", run=7)))
    assert shown.pop("time").endswith("+00:00")
    assert shown == {
        "level": "WARNING",
        "logger": "engage.test",
        "message": "Run 7 failed.",
        "action": "run_failed",
        "run": 7,
    }


def test_a_line_for_people_ends_with_the_fields():
    line = LineFormatter().format(record("Run %s failed.", 7, action="run_failed"))
    assert line.endswith("WARNING engage.test: Run 7 failed. [action=run_failed]")


def test_what_a_client_sent_begins_no_line_of_its_own():
    line = LineFormatter().format(
        record("Event %s", "a\n2026-11-22 INFO engage.audit: forged", action="b\r\nc")
    )
    assert len(line.splitlines()) == 1
    assert "\\x0a2026" in line


def test_a_line_names_the_tenant_in_scope_also_on_a_visit_to_the_shared_tables(acme):
    with tenant_scope(acme), shared_scope():
        assert record("x").tenant == "acme"
    assert not hasattr(record("x"), "tenant")


def test_what_the_line_says_itself_wins_over_what_surrounds_it(acme):
    with tenant_scope(acme), about(run=1, plugin="nps"):
        made = record("x", tenant="other", run=2)
    assert (made.tenant, made.run, made.plugin) == ("other", 2, "nps")


def test_blocks_nest_and_leave_nothing_behind():
    with about(run=1):
        with about(plugin="nps"):
            assert (record("x").run, record("x").plugin) == (1, "nps")
        assert not hasattr(record("x"), "plugin")
    assert not hasattr(record("x"), "run")


@FORMATTERS
def test_whole_requests_and_jobs_of_libraries_are_no_fields(formatter):
    assert "object at" not in formatter.format(record("x", request=object(), job={"a": 1}))


@FORMATTERS
def test_no_key_of_ours_reaches_the_log_by_message_argument_field_or_traceback(acme, formatter):
    key = create_key(acme, ApiKey.Kind.ADMIN)
    try:
        raise ValueError(f"bad key {key}")
    except ValueError:
        made = record(f"sent {key} and %s", key, exc_info=sys.exc_info(), field=key)
    text = formatter.format(made)
    assert key not in text
    assert key.split("_")[4] not in text, "not even its secret alone"
    assert text.count("eng_live_***") == 4


@given(
    st.text(),
    st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=127), min_size=1),
    st.text(),
)
def test_masking_leaves_no_key_in_any_text(before, secret, after):
    masked = mask(f"{before}eng_live_{secret}{after}")
    assert f"eng_live_{secret}" not in masked
    assert mask(masked) == masked


def answered(application, **environ: str) -> dict[str, str]:
    """The headers of the answer."""
    seen: dict[str, str] = {}
    list(application(environ, lambda status, headers: seen.update(headers)))
    return seen


def application(environ, start_response):
    start_response("200 OK", [("X-Logged", record("x").request_id)])
    return [b""]


@pytest.mark.parametrize("given_id", ["3f6c9a52-8d4e-4b5c-9d7f-0a1b2c3d4e5f", "a" * 128, "abc.DEF_123"])
def test_a_well_formed_request_id_is_kept_logged_and_answered(given_id):
    headers = answered(with_request_ids(application), HTTP_X_REQUEST_ID=given_id)
    assert headers == {"X-Logged": given_id, "X-Request-ID": given_id}


@pytest.mark.parametrize(
    "given_id", ["", "short", "a" * 129, "two\nlines-of-log", "with spaces in it", "ünïcödë-id"]
)
def test_any_other_is_replaced_by_one_of_ours_that_is_new_each_time(given_id):
    first, second = (answered(with_request_ids(application), HTTP_X_REQUEST_ID=given_id) for _ in range(2))
    assert first["X-Request-ID"] == first["X-Logged"] != given_id
    assert len(first["X-Request-ID"]) == 32
    assert first["X-Request-ID"] != second["X-Request-ID"]


def test_after_a_request_no_id_is_left():
    answered(with_request_ids(application))
    assert not hasattr(record("x"), "request_id")


def test_the_settings_write_our_lines(settings):
    assert settings.LOGGING["handlers"]["stderr"]["filters"] == ["context"]
    call_command("check")
    (handler,) = [h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler]
    assert isinstance(handler.formatter, LineFormatter)


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        (None, {"engage INFO", "engage WARNING", "procrastinate WARNING"}),
        ("INFO", {"engage INFO", "engage WARNING", "procrastinate WARNING"}),
        ("DEBUG", {"engage DEBUG", "engage INFO", "engage WARNING", "procrastinate WARNING"}),
        ("WARNING", {"engage WARNING", "procrastinate WARNING"}),
        ("error", set()),
    ],
)
def test_libraries_tell_what_they_do_at_no_level_that_an_operator_sets(level, shown):
    program = """
import logging, logging.config
from engage_server.settings import base
logging.config.dictConfig(base.LOGGING)
for name in ("engage", "procrastinate"):
    for word in ("DEBUG", "INFO", "WARNING"):
        if logging.getLogger(f"{name}.worker").isEnabledFor(getattr(logging, word)):
            print(name, word)
"""
    environment = {name: value for name, value in os.environ.items() if name != "ENGAGE_LOG_LEVEL"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env=environment | ({"ENGAGE_LOG_LEVEL": level} if level else {}),
    )  # fmt: skip
    assert set(done.stdout.splitlines()) == shown
