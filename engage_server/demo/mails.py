"""Keeps the mail of the demo on this machine: its companies write to nobody."""

import os
from pathlib import Path
from typing import Final

from django.conf import settings

FOLDER: Final = "demo-mails"


def keep_mails() -> Path:
    """Have mail written into a folder, by this process and by those that it starts; return the folder.

    What the operator set is left alone where it is a folder too.
    """
    folder = Path(settings.ENGAGE_MAIL_FOLDER or settings.ENGAGE_DATA_DIR / FOLDER)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # mails tell of persons
    os.environ["ENGAGE_MAIL_FOLDER"] = str(folder)
    # This process has read its settings, and says already by them whether a channel of mail can be made.
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(folder)
    return folder
