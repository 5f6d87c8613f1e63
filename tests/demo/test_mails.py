"""The demo writes to nobody: its mail stays in a folder, of this process and of the server that it starts."""

import json
import os
import subprocess
import sys

from django.core.mail import EmailMessage, get_connection

from engage_server.demo.mails import keep_mails
from tests.end_to_end.processes import ROOT

SHOW = """
import json
from django.conf import settings
print(json.dumps([settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH]))
"""


def test_mail_stays_in_a_folder_that_its_owner_alone_may_read(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("ENGAGE_MAIL_FOLDER", "")
    settings.ENGAGE_DATA_DIR, settings.ENGAGE_MAIL_FOLDER = tmp_path, ""
    folder = keep_mails()
    assert folder == tmp_path / "demo-mails"
    assert folder.stat().st_mode & 0o777 == 0o700
    EmailMessage(
        "A call is needed", "Today.", to=["success@acme.example"], connection=get_connection()
    ).send()
    (kept,) = folder.iterdir()
    assert "A call is needed" in kept.read_text()
    assert os.environ["ENGAGE_MAIL_FOLDER"] == str(folder)


def test_a_folder_goes_before_a_mail_server(tmp_path):
    environment = {name: text for name, text in os.environ.items() if not name.startswith("ENGAGE_")}
    shown = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env=environment | {
            "DJANGO_SETTINGS_MODULE": "engage_server.settings.base",
            "ENGAGE_MAIL_FOLDER": str(tmp_path),
            "ENGAGE_SMTP_HOST": "mail.example.com",
            "ENGAGE_DATA_DIR": str(tmp_path),
        },
    )  # fmt: skip
    backend, folder = json.loads(shown.stdout)
    assert backend.endswith("filebased.EmailBackend")
    assert folder == str(tmp_path)
