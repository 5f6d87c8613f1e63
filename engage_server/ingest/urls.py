"""Paths of the tracking protocols; SDKs differ in the trailing slash."""

from typing import Final

from django.urls import URLPattern, re_path

from engage_server.ingest.protocols.segment.translation import TRANSLATORS
from engage_server.ingest.views import segment

CALLS: Final = "|".join(TRANSLATORS)

urlpatterns: list[URLPattern] = [
    re_path(r"^v1/(?:batch|import)/?$", segment, name="ingest-batch"),
    re_path(rf"^v1/(?P<kind>{CALLS})/?$", segment, name="ingest-call"),
]
