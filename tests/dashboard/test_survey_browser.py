"""In Chromium a survey is answered by the keyboard alone, without scripts: on its page, and in a frame of a named origin."""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engage_server.automation.models import SurveyInvitation
from engage_server.customers.models import SurveyResponse
from engage_server.engine.models import AffectedDay
from engage_server.ingest.items import PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations import surveys as operations
from engage_server.tenancy.scope import shared_scope, tenant_scope

WALK = Path(__file__).parents[1] / "browser" / "walk"


@contextmanager
def page_around(url: str) -> Iterator[str]:
    """The address of a page of another origin, with a frame."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f'<!doctype html><title>Page</title><iframe src="{self.server.framed}"></iframe>'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.framed = url
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def walked(**asked):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or not (WALK / "node_modules" / "playwright-core").is_dir():
        missing = "There is no Chromium, or its driver is not installed: npm ci in tests/browser/walk"
        assert not os.environ.get("CI"), missing
        pytest.skip(missing)
    done = subprocess.run(
        ["node", "survey.mjs"], cwd=WALK, input=json.dumps({"chromium": chromium, **asked}),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_is_answered_by_keyboard_on_the_page_and_in_the_frame_and_once(
    committed_tenants, live_server, settings
):
    acme, globex = committed_tenants
    settings.ENGAGE_PUBLIC_URL = live_server.url
    with page_around("") as named, page_around("") as foreign:
        with tenant_scope(acme):
            people = [PersonItem(PersonKey(user_id=name), {"language": "ko"}) for name in ("ada", "bob")]
            store_items(people, source="t")
            survey = operations.create_survey(
                "How", {"kind": "NPS", "origins": [f"http://127.0.0.1:{named.server_port}"]}
            )
            page, frame = (operations.invite_person(survey.number, name).url for name in ("ada", "bob"))
        named.framed = foreign.framed = f"{frame}/frame"
        around, elsewhere = (f"http://127.0.0.1:{one.server_port}/" for one in (named, foreign))
        said = walked(
            steps=9,
            words="Good",
            visits={
                "answer": f"{page}?language=en",
                "again": f"{page}?language=en",
                "foreign": elsewhere,
                "answer in the frame": around,
                "again in the frame": around,
            },
        )
    assert said["answer"] == ["How likely are you to recommend acme to a friend or colleague?", "Thank you"]
    assert said["again"] == ["Answered already"]
    assert said["foreign"] == ["Not in this frame"]
    assert said["answer in the frame"][1] == "고맙습니다"
    assert said["again in the frame"] == ["Answered already"]
    with tenant_scope(acme):
        answers = SurveyResponse.objects.values_list("person__external_id", "score", "text", "instrument")
        assert sorted(answers) == [("ada", 9, "Good", "nps"), ("bob", 9, "Good", "nps")]
        assert set(SurveyInvitation.objects.values_list("state", flat=True)) == {"ANSWERED"}
    with tenant_scope(globex):
        assert SurveyResponse.objects.count() == 0
    with shared_scope():
        noted = AffectedDay.objects.filter(tenant_id=acme.id, day=datetime.now(UTC).date())
        assert noted.count() in (0, 1)
