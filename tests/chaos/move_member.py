"""A member of the tenant that moves, in a browser: the password that was chosen before the moves opens each place."""

import http.client
import json
import re
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from tests.chaos.move_places import Place

HOST: Final = "acme.localhost"
EMAIL: Final = "ada@example.com"
PASSWORD: Final = "seven quiet otters"
FORM_TOKEN: Final = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PAGE_TOKEN: Final = re.compile(r'data-token="([^"]+)"')
LINK: Final = re.compile(r"^\s+(\S+/people/\S+)$", re.MULTILINE)
ROLE: Final = "admin"
QUESTION: Final = """
    { viewer { email role } tenant { slug } plugins { id enabled } members { edges { node { email role } } } }
"""


class Visitor:
    """A browser at the tenant's host, without any cookie yet."""

    def __init__(self, place: Place) -> None:
        self._port = place.port
        self._cookies: SimpleCookie = SimpleCookie()

    def choose_password(self, said: str) -> None:
        """By the link that ``member add`` printed."""
        found = LINK.search(said)
        assert found, f"no link: {said}"
        path = urlsplit(found[1]).path
        path = self._request("GET", path)[2] or path
        token = _found(FORM_TOKEN, self._request("GET", path)[1])
        fields = {"csrfmiddlewaretoken": token, "new_password1": PASSWORD, "new_password2": PASSWORD}
        status, text, _ = self._request("POST", path, urlencode(fields))
        assert status == 302, f"{status}: {text[:300]}"

    def sign_in(self) -> int:
        """Status of the answer to the form."""
        token = _found(FORM_TOKEN, self._request("GET", "/people/sign-in")[1])
        fields = {"csrfmiddlewaretoken": token, "login": EMAIL, "password": PASSWORD}
        return self._request("POST", "/people/sign-in", urlencode(fields))[0]

    def ask(self) -> dict[str, Any]:
        """What the API answers the dashboard's page, as JSON."""
        token = _found(PAGE_TOKEN, self._request("GET", "/app/")[1])
        _, text, _ = self._request("POST", "/graphql", json.dumps({"query": QUESTION}), token=token)
        return dict(json.loads(text))

    def _request(self, method: str, path: str, body: str = "", *, token: str = "") -> tuple[int, str, str]:
        """Status, text and whither it leads."""
        kind = "application/json" if token else "application/x-www-form-urlencoded"
        headers = {"Host": HOST, "Content-Type": kind, "X-CSRFToken": token}
        headers["Cookie"] = "; ".join(f"{name}={one.value}" for name, one in self._cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                self._cookies.load(cookie)
            return answer.status, answer.read().decode(), answer.headers.get("Location", "")
        finally:
            connection.close()


def look(place: Place) -> tuple[dict[str, Any], list[str]]:
    """What the member sees there after signing in, and what is wrong with it."""
    visitor = Visitor(place)
    if (status := visitor.sign_in()) != 302:
        return {}, [f"{place.name} answers the member's password with {status}"]
    said = visitor.ask()
    if said.get("errors") or not said.get("data"):
        return {}, [f"{place.name} answers the member: {said}"]
    data = dict(said["data"])  # without what it cost
    if data["viewer"] != {"email": EMAIL, "role": ROLE.upper()}:
        return data, [f"{place.name} takes the member for {data['viewer']}"]
    return data, []


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    assert found, f"no {pattern.pattern} in {text[:300]}"
    return found[1]
