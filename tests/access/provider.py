"""An OpenID Connect provider on loopback: discovery, codes bound to a PKCE challenge, tokens, userinfo."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt

CLIENT_ID, CLIENT_SECRET = "engage", "provider-secret"


class Provider:
    """Says who somebody is. ``claims`` is what it says of the one who comes next, ``user_info`` what else at /userinfo."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.user_info: dict[str, Any] = {}
        self.issuer = ""
        self._codes: dict[str, tuple[str, dict[str, Any]]] = {}

    def visited(self, location: str) -> tuple[str, str]:
        """Somebody is sent here and says yes; return the code and state that they are sent back with."""
        asked = dict(parse_qsl(urlsplit(location).query))
        assert location.startswith(f"{self.issuer}/authorize?")
        assert asked["code_challenge_method"] == "S256"
        assert set(asked["scope"].split()) == {"openid", "profile", "email"}
        code = f"code-{len(self._codes)}"
        self._codes[code] = (asked["code_challenge"], self.claims)
        return code, asked["state"]

    def answer(self, path: str, form: dict[str, list[str]], bearer: str) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        if path == "/token":
            return self._tokens({name: values[0] for name, values in form.items()})
        if path != "/userinfo" or bearer not in self._codes:
            return None
        return self.user_info or self._codes[bearer][1]

    def _tokens(self, form: dict[str, str]) -> dict[str, Any] | None:
        challenge, claims = self._codes.get(form["code"], ("", {}))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != challenge:
            return None
        if (form["client_id"], form["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
            return None
        now = int(time.time())
        told = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60, **claims}
        return {
            "access_token": form["code"],
            "token_type": "Bearer",
            "id_token": jwt.encode(told, "0" * 32, algorithm="HS256"),
        }


@contextmanager
def serving() -> Iterator[Provider]:
    """The provider, listening."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))

        def _answer(self, form: dict[str, list[str]]) -> None:
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            found = provider.answer(urlsplit(self.path).path, form, bearer)
            self.send_response(400 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(found or {"error": "invalid_grant"}).encode())

        def log_message(self, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
