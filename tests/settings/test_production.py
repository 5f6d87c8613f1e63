"""A production server is strict by default, and takes its secrets from files where they are given so."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from engage_server.settings.secret_files import read_secret
from tests.end_to_end.processes import ROOT

SETTINGS = "engage_server.settings.base"
FORMER = [f"former-{n}-" + "0123456789" * 5 for n in range(2)]
SHOW = """
import json
from django.conf import settings
from django.core.management import call_command
call_command("check", deploy=True, fail_level="WARNING")
names = ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE", "DEBUG", "ENGAGE_GRAPHIQL", "ENGAGE_INTROSPECTION", "ALLOWED_HOSTS", "ENGAGE_METRICS_TOKEN")
shown = {name: getattr(settings, name) for name in names}
print(json.dumps({**shown, "PASSWORD": settings.DATABASES["default"]["PASSWORD"]}))
"""


def production(**variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("ENGAGE_", "DATABASE"))
    }
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"import django; django.setup()\n{SHOW}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**environment, "ENGAGE_ENV": "production", "DJANGO_SETTINGS_MODULE": SETTINGS, **variables},
    )  # fmt: skip


def file(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_production_passes_the_deployment_check_with_its_secrets_from_files(tmp_path):
    done = production(
        ENGAGE_SECRET_KEY_FILE=file(tmp_path, "key", "k" * 30 + "0123456789" * 3 + "\n"),
        ENGAGE_SECRET_KEY_FALLBACKS_FILE=file(tmp_path, "former", "\n".join(FORMER)),
        DATABASE_URL="postgresql://engage@db/engage",
        ENGAGE_DATABASE_PASSWORD_FILE=file(tmp_path, "password", "s3cret\n"),
        ENGAGE_METRICS_TOKEN_FILE=file(tmp_path, "token", "scrape"),
        ENGAGE_ALLOWED_HOSTS="acme.example.com, globex.example.com",
    )
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout.splitlines()[-1])
    assert shown["SECRET_KEY"].endswith("789")
    assert shown["SECRET_KEY_FALLBACKS"] == FORMER
    assert (shown["PASSWORD"], shown["ENGAGE_METRICS_TOKEN"]) == ("s3cret", "scrape")
    assert shown["ALLOWED_HOSTS"] == ["acme.example.com", "globex.example.com"]
    assert shown["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert all(shown[name] for name in ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"))
    assert not any(shown[name] for name in ("DEBUG", "ENGAGE_GRAPHIQL", "ENGAGE_INTROSPECTION"))


def test_production_does_not_start_without_a_secret_key():
    done = production()
    assert done.returncode != 0
    assert "ENGAGE_SECRET_KEY is not set" in done.stderr


def test_a_secret_given_twice_or_in_a_missing_file_stops_the_start(tmp_path, monkeypatch):
    monkeypatch.setenv("ENGAGE_X_FILE", str(tmp_path / "missing"))
    with pytest.raises(RuntimeError, match="cannot be read"):
        read_secret("ENGAGE_X")
    monkeypatch.setenv("ENGAGE_X", "plain")
    with pytest.raises(RuntimeError, match="both set"):
        read_secret("ENGAGE_X")


def test_every_answer_has_a_policy_that_allows_no_foreign_and_no_inline_script(db):
    for path in ("/healthz", "/graphql", "/nothing-here"):
        policy = dict(
            part.strip().split(" ", 1) for part in Client().get(path)["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] in {"'self'", "'none'"}
        assert policy.get("script-src", "'self'") == "'self'"
        assert policy["frame-ancestors"] == "'none'"
