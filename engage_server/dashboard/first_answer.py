"""The answer to what a page asks for first, written into the page itself: it is there before any script has asked."""

import io
from typing import Final

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.urls import get_script_prefix, resolve, reverse
from django.utils.safestring import SafeString

JSON: Final = "application/graphql-response+json, application/json"
# In JSON these stand in texts alone, where they may be written so; as they are one could end the element around them.
ESCAPES: Final = (("<", r"\u003c"), (">", r"\u003e"), ("&", r"\u0026"))
# What the page's own request says of its body, and of answers that its browser holds or unpacks.
OF_THE_PAGE: Final = (
    "CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_ACCEPT_ENCODING", "HTTP_AUTHORIZATION", "HTTP_IF_NONE_MATCH",
)  # fmt: skip


def first_answer(request: HttpRequest, asked: str) -> SafeString | None:
    """What the API answers to a query by GET, by its own view, to the browser that asks for the page.

    Args:
        request: for the page; its cookies say who asks.
        asked: the part of the address that holds the document and its variables.

    Returns:
        JSON that may stand inside of an element; None where it is a refusal: the page asks by itself and is told why.
    """
    path = "/" + reverse("graphql").removeprefix(get_script_prefix())
    view = resolve(path)
    response = view.func(_by_get(request, path, asked), *view.args, **view.kwargs)
    if response.status_code != 200:
        return None
    text = response.content.decode()
    for character, written in ESCAPES:
        text = text.replace(character, written)
    return SafeString(text)


def _by_get(request: HttpRequest, path: str, asked: str) -> HttpRequest:
    environ = {name: value for name, value in request.META.items() if name not in OF_THE_PAGE}
    environ |= {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": asked,
        "HTTP_ACCEPT": JSON,
        "HTTP_SEC_FETCH_SITE": "same-origin",  # whoever led the browser here, the page that reads it is ours
        "wsgi.input": io.BytesIO(),
    }
    return WSGIRequest(environ)
