"""People for the tests: invited, with a password, signed in as a browser would be."""

import io
import re
from typing import Any, Final
from urllib.parse import urlencode

from django.test import Client

from engage_server.access.models import User
from engage_server.access.principal import EVERYTHING, Principal, Role
from engage_server.operations.members import invite_member
from engage_server.tenancy.scope import TenantRef, shared_scope

PASSWORD: Final = "seven quiet otters"
TOKEN: Final = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Unread(io.RawIOBase):
    """A body that must not be read."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        raise AssertionError("The body was read.")


def unread_body(content_type: str, length: int = 2**30) -> dict[str, Any]:
    """What a request is sent with whose body must not be read."""
    return {"wsgi.input": Unread(), "CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(length)}


def operator_of(tenant: TenantRef) -> Principal:
    return Principal(tenant, "operator:tests", EVERYTHING)


def member(tenant: TenantRef, email: str, role: Role = Role.VIEWER) -> User:
    """A member with the password ``PASSWORD``."""
    invite_member(operator_of(tenant), email=email, role=role)
    with shared_scope():
        user = User.objects.get(email=email)
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return user


def principal_of(tenant: TenantRef, user: User, permissions=EVERYTHING) -> Principal:
    return Principal(tenant, user.actor, permissions)


class Browser:
    """A browser at one host: keeps cookies, sends the token of the form that it saw."""

    def __init__(self, host: str, *, address: str = "192.0.2.1") -> None:
        self.client = Client(enforce_csrf_checks=True, REMOTE_ADDR=address, HTTP_HOST=host)

    def get(self, path: str):
        return self.client.get(path)

    def token(self, path: str) -> str:
        found = TOKEN.search(self.get(path).content.decode())
        assert found, f"{path} has no form"
        return found[1]

    def submit(self, path: str, *, to: str = "", **fields: str):
        return self.post_form(to or path, csrfmiddlewaretoken=self.token(path), **fields)

    def post_form(self, path: str, **fields: str):
        return self.client.post(path, urlencode(fields), content_type="application/x-www-form-urlencoded")

    def sign_in(self, email: str, password: str = PASSWORD):
        return self.submit("/people/sign-in", login=email, password=password)

    def session_key(self) -> str:
        cookie = self.client.cookies.get("sessionid")
        return cookie.value if cookie else ""
