"""What the pages for the tenant's customers have in common: plain forms in the customer's language, opened by a signed link.

No page needs a key, a cookie or a script, and none names the person that it is for.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.request import split_domain_port
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from engage_server.access.exceptions import ForeignHostError
from engage_server.access.middleware import declared_length
from engage_server.automation.addressees import LANGUAGES
from engage_server.automation.exceptions import BadLinkError
from engage_server.dashboard.customer_texts import TEXTS

FORM: Final = "application/x-www-form-urlencoded"
LONGEST_FORM: Final = 32 * 1024
MOST_FIELDS: Final = 10
LONGEST_HEADER: Final = 200
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors {}"
)
FOREIGN_FRAME: Final = "foreign_frame"
NOBODY: Final = "'none'"
Page = Callable[..., HttpResponse]


class RefusedFormError(Exception):
    """What was sent is no form of ours; ``said`` names the texts of the page that says so."""

    def __init__(self, said: str, *, status: int) -> None:
        super().__init__(said)
        self.said = said
        self.status = status


def customer_page(view: Page) -> Page:
    """A page that is opened by a signed link and needs no cookie; whatever is wrong with the link has a page of its own."""

    @csrf_exempt  # the link is what opens it, and no other page knows it; a foreign origin is refused besides
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answered(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            if request.method == "POST":
                require_own_origin(request)
            return view(request, **kwargs)
        except BadLinkError:
            return said(request, "bad_link", status=404)
        except ForeignHostError:
            return said(request, "foreign_host", status=403)
        except RefusedFormError as error:
            # The page that says so has nothing on it that a frame could trick out of anybody.
            framed_by = ("*",) if error.said == FOREIGN_FRAME else ()
            return said(request, error.said, status=error.status, framed_by=framed_by)

    return answered


def host_of(request: HttpRequest) -> str:
    """The request's host, without port."""
    return split_domain_port(request.get_host())[0]


def language_of_request(request: HttpRequest, usual: str = "") -> str:
    """The language that the address names, else ``usual``, else the first of the browser's that there are texts in."""
    named = request.GET.get("language", "")
    if named in LANGUAGES:
        return named
    if usual in LANGUAGES:
        return usual
    for part in request.headers.get("Accept-Language", "")[:LONGEST_HEADER].split(","):
        tag = part.partition(";")[0].strip().lower().partition("-")[0]
        if tag in LANGUAGES:
            return tag
    return LANGUAGES[0]


def require_own_origin(request: HttpRequest) -> None:
    """Go on with what a page of ours sent, or a program that sends no origin.

    Raises:
        RefusedFormError: a page of another origin sent it.
    """
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.get_host():
        raise RefusedFormError("foreign_origin", status=403)


def read_form(request: HttpRequest) -> QueryDict:
    """The fields of a form; its size is looked at before it is read.

    Raises:
        RefusedFormError: it is too long, or no form.
    """
    if request.content_type != FORM or declared_length(request) > LONGEST_FORM:
        raise RefusedFormError("bad_form", status=400)
    body = request.read(LONGEST_FORM + 1)
    if len(body) > LONGEST_FORM or body.count(b"&") >= MOST_FIELDS:
        raise RefusedFormError("bad_form", status=400)
    return QueryDict(body, encoding="utf-8")


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    language: str,
    status: int = 200,
    framed_by: Iterable[str] = (),
) -> HttpResponse:
    """A page in a language, kept by no browser and shown in frames of these origins alone."""
    other = next(one for one in LANGUAGES if one != language)
    texts = TEXTS[language]
    whole = {"t": texts, "language": language, "other": other, "other_name": TEXTS[other]["name"], **context}
    response = render(request, f"customers/{template}.html", whole, status=status)
    origins = " ".join(framed_by)
    response["Content-Security-Policy"] = POLICY.format(origins or NOBODY)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    if origins:
        # X-Frame-Options knows no list of origins; browsers that know the policy heed it alone.
        response.xframe_options_exempt = True
    return response


def said(
    request: HttpRequest,
    text: str,
    *,
    status: int = 200,
    language: str | None = None,
    framed_by: Iterable[str] = (),
    values: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A page that says one thing: the texts ``<text>_heading`` and ``<text>_text``."""
    language = language or language_of_request(request)
    texts = TEXTS[language]
    context = {
        "heading": texts[f"{text}_heading"],
        "said": texts[f"{text}_text"].format(**(values or {})),
        "status": status,
    }
    return page(request, "said", context, language=language, status=status, framed_by=framed_by)
