"""The page on which a person answers a survey, by itself or in a frame of the pages that the survey names."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse

from engage_server.automation.addressees import language_of
from engage_server.automation.exceptions import ClosedSurveyError, UnfitAnswerError
from engage_server.automation.invitations import (
    LONGEST_WORDS,
    Opened,
    SurveyLink,
    answer,
    dismiss,
    opened,
    read_survey_link,
)
from engage_server.automation.survey_texts import question
from engage_server.automation.surveys import SurveyKind
from engage_server.dashboard.customer_pages import (
    FOREIGN_FRAME,
    RefusedFormError,
    customer_page,
    host_of,
    language_of_request,
    page,
    read_form,
    said,
)
from engage_server.dashboard.customer_texts import TEXTS
from engage_server.tenancy.scope import tenant_scope

CLOSED: Final[Mapping[str, int]] = {"used": 409, "expired": 410, "gone": 410}
LONGEST_SCORE: Final = 3


@customer_page
def survey(request: HttpRequest, link: str) -> HttpResponse:
    """The whole page."""
    return _answered(request, link, is_framed=False)


@customer_page
def survey_frame(request: HttpRequest, link: str) -> HttpResponse:
    """The same for a frame, in pages of the survey's origins alone."""
    return _answered(request, link, is_framed=True)


def _answered(request: HttpRequest, link: str, *, is_framed: bool) -> HttpResponse:
    found = read_survey_link(link, host=host_of(request))
    with tenant_scope(found.tenant):
        try:
            asked = opened(found)
        except ClosedSurveyError as error:
            # Nothing is on such a page that a frame could trick out of anybody.
            return _closed(request, error.reason, is_framed=is_framed)
        origins = _framed_by(request, asked) if is_framed else ()
        if request.method != "POST":
            return _asking(request, found, asked, link, origins=origins, is_framed=is_framed)
        return _kept(request, found, asked, link, origins=origins, is_framed=is_framed)


def _kept(
    request: HttpRequest,
    found: SurveyLink,
    asked: Opened,
    link: str,
    *,
    origins: Sequence[str],
    is_framed: bool,
) -> HttpResponse:
    form = read_form(request)
    language = language_of_request(request, language_of(asked.person.traits))
    words = form.get("text", "")
    if len(words) > LONGEST_WORDS:
        raise RefusedFormError("bad_form", status=400)
    try:
        if "dismiss" in form:
            dismiss(found)
            return said(request, "survey_dismissed", language=language, framed_by=origins)
        answer(found, score=_score(form.get("score", "")), text=words)
    except UnfitAnswerError:
        return _asking(
            request, found, asked, link, origins=origins, is_framed=is_framed, is_unfit=True, words=words
        )
    except ClosedSurveyError as error:
        return _closed(request, error.reason, is_framed=is_framed)
    return said(request, "survey_thanks", language=language, framed_by=origins)


def _asking(
    request: HttpRequest,
    found: SurveyLink,
    asked: Opened,
    link: str,
    *,
    origins: Sequence[str],
    is_framed: bool,
    is_unfit: bool = False,
    words: str = "",
) -> HttpResponse:
    body = asked.survey.body
    language = language_of_request(request, language_of(asked.person.traits))
    context = {
        "heading": question(body, language, tenant_name=found.tenant_name),
        "link": link,
        "view": "survey_frame" if is_framed else "survey",
        "is_framed": is_framed,
        "is_unfit": is_unfit,
        "words": words,
        "asks_why": body.asks_why,
        "longest": LONGEST_WORDS,
        "is_emoji": body.kind is SurveyKind.CSAT_EMOJI,
        **_choices(body.kind, language),
    }
    status = 400 if is_unfit else 200
    return page(request, "survey", context, language=language, status=status, framed_by=origins)


def _choices(kind: SurveyKind, language: str) -> dict[str, Any]:
    """What can be chosen: the number, what is seen of it and what it is called; and what both ends mean."""
    texts = TEXTS[language]
    if kind is SurveyKind.TEXT:
        return {"choices": (), "low": "", "high": ""}
    if kind is SurveyKind.CSAT_STARS:
        choices = [
            (number, "★" * number, texts["survey_stars"].format(number=number)) for number in range(1, 6)
        ]
    elif kind is SurveyKind.CSAT_EMOJI:
        names = texts["survey_emoji"].split("|")
        choices = [(number, "😠🙁😐🙂😍"[number - 1], names[number - 1]) for number in range(1, 6)]
    else:
        first, last = {SurveyKind.NPS: (0, 10), SurveyKind.CES_1: (1, 5), SurveyKind.CES_2: (1, 7)}[kind]
        choices = [(number, str(number), str(number)) for number in range(first, last + 1)]
    low, high = texts[f"survey_ends_{kind.value.lower()}"].split("|")
    return {"choices": choices, "low": low, "high": high}


def _framed_by(request: HttpRequest, asked: Opened) -> Sequence[str]:
    """The origins that may show the frame; browsers hold to them, whatever this server sees.

    Raises:
        RefusedFormError: the survey names none, or the page around the frame says that it is another.
    """
    origins = asked.survey.body.origins
    around = urlsplit(request.headers.get("Referer", ""))
    is_foreign = (
        request.headers.get("Sec-Fetch-Dest") == "iframe"
        and request.method != "POST"
        and bool(around.netloc)
        and around.netloc != request.get_host()
        and f"{around.scheme}://{around.netloc}" not in origins
    )
    if not origins or is_foreign:
        raise RefusedFormError(FOREIGN_FRAME, status=403)
    return origins


def _closed(request: HttpRequest, reason: str, *, is_framed: bool) -> HttpResponse:
    return said(request, f"survey_{reason}", status=CLOSED[reason], framed_by=("*",) if is_framed else ())


def _score(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_SCORE else None
