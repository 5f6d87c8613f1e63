"""In production the cookies of people stay with this host and with HTTPS, and nothing starts half configured."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASK = "import json; from engage_server.settings import base; print(json.dumps({name: getattr(base, name) for name in %r}))"
KEY = {"ENGAGE_SECRET_KEY": "k" * 60}


def settings_of(*names: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ENGAGE_")}
    return subprocess.run(
        [sys.executable, "-c", ASK % (names,)],
        env={**clean, "ENGAGE_ENV": "production", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_cookies_are_for_https_for_this_host_and_for_no_script():
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    found = json.loads(
        settings_of(*names, "CSRF_COOKIE_HTTPONLY", "ALLAUTH_TRUSTED_PROXY_COUNT", **KEY).stdout
    )
    assert found == {
        "SESSION_COOKIE_NAME": "__Host-engage-session",
        "CSRF_COOKIE_NAME": "__Host-engage-csrf",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "ALLAUTH_TRUSTED_PROXY_COUNT": 0,
    }


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, "ENGAGE_SECRET_KEY is not set"),
        ({**KEY, "ENGAGE_OIDC_ISSUER": "https://id.example"}, "ENGAGE_OIDC_CLIENT_ID is not"),
        (
            {**KEY, "ENGAGE_OIDC_ISSUER": "http://id.example", "ENGAGE_OIDC_CLIENT_ID": "engage"},
            "ENGAGE_OIDC_ISSUER is no https:// address",
        ),
        (
            {**KEY, "ENGAGE_OIDC_ISSUER": "http://localhost.example", "ENGAGE_OIDC_CLIENT_ID": "engage"},
            "ENGAGE_OIDC_ISSUER is no https:// address",
        ),
    ],
)
def test_what_is_half_configured_does_not_start(environment, reason):
    assert reason in settings_of("SECRET_KEY", **environment).stderr


@pytest.mark.parametrize("issuer", ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"])
def test_a_provider_on_this_machine_needs_no_certificate(issuer):
    found = settings_of(
        "ENGAGE_OIDC_ISSUER", **KEY, ENGAGE_OIDC_ISSUER=issuer, ENGAGE_OIDC_CLIENT_ID="engage"
    )
    assert json.loads(found.stdout) == {"ENGAGE_OIDC_ISSUER": issuer}, found.stderr


def test_the_providers_secret_may_lie_in_a_file(tmp_path):
    (tmp_path / "secret").write_text("from a file\n")
    found = settings_of(
        "SOCIALACCOUNT_PROVIDERS",
        **KEY,
        ENGAGE_OIDC_ISSUER="https://id.example",
        ENGAGE_OIDC_CLIENT_ID="engage",
        ENGAGE_OIDC_CLIENT_SECRET_FILE=str(tmp_path / "secret"),
    )
    (app,) = json.loads(found.stdout)["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"]
    assert (app["client_id"], app["secret"], app["settings"]) == (
        "engage",
        "from a file",
        {"server_url": "https://id.example"},
    )
