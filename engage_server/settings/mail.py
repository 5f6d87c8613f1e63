"""Settings of mail, from the environment; part of ``base``."""

import json
import os
import re

from engage_server.settings.exceptions import SettingError
from engage_server.settings.secret_files import read_secret

# The mail server; without one there are no mail channels.
EMAIL_HOST = os.environ.get("ENGAGE_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("ENGAGE_SMTP_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("ENGAGE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = read_secret("ENGAGE_SMTP_PASSWORD") or ""
EMAIL_USE_TLS = os.environ.get("ENGAGE_SMTP_TLS", "1") == "1"
EMAIL_TIMEOUT = 20
# Or a provider of django-anymail's (extra "mail"), with what it asks for as JSON: {"POSTMARK_SERVER_TOKEN": "…"}.
ENGAGE_MAIL_PROVIDER = os.environ.get("ENGAGE_MAIL_PROVIDER", "")
if ENGAGE_MAIL_PROVIDER:
    if not re.fullmatch(r"[a-z_]{2,30}", ENGAGE_MAIL_PROVIDER):
        raise SettingError(
            f"ENGAGE_MAIL_PROVIDER is {ENGAGE_MAIL_PROVIDER!r}. Remedy: a name of django-anymail's, such as postmark."
        )
    EMAIL_BACKEND = f"anymail.backends.{ENGAGE_MAIL_PROVIDER}.EmailBackend"
    ANYMAIL = {
        "REQUESTS_TIMEOUT": EMAIL_TIMEOUT,
        **json.loads(read_secret("ENGAGE_MAIL_PROVIDER_SETTINGS") or "{}"),
    }
# Or a folder: no mail leaves this machine, whatever else is set; each stands there as a file.
ENGAGE_MAIL_FOLDER = os.environ.get("ENGAGE_MAIL_FOLDER", "")
if ENGAGE_MAIL_FOLDER:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = ENGAGE_MAIL_FOLDER
# Where this server's pages are reached from outside, for links in mails and surveys.
ENGAGE_PUBLIC_URL = os.environ.get(
    "ENGAGE_PUBLIC_URL", "" if os.environ.get("ENGAGE_ENV") == "production" else "http://localhost:8000"
).rstrip("/")
DEFAULT_FROM_EMAIL = os.environ.get("ENGAGE_MAIL_FROM", "engage@localhost")
