"""Shows a report's pictures as one file, for who puts them into slides; needs the extra ``reports``."""

from importlib import import_module
from typing import Final

from engage_server.automation.exceptions import UnsoundReportError
from engage_server.automation.reports.document import Document

LAYOUT: Final = "engage_server.automation.reports.png_layout"
LIBRARIES: Final = frozenset({"PIL", "reportlab"})


def as_png(document: Document) -> bytes:
    """The pictures below each other, with their titles.

    Raises:
        UnsoundReportError: the report has none yet, or this server is installed without the extra.
    """
    if not document.pictures:
        raise UnsoundReportError(
            "The report has no picture: there are no figures of two days, or of two things. Remedy: compute them first."
        )
    try:
        layout = import_module(LAYOUT)  # by name: the server runs without what it is made of
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in LIBRARIES:
            raise
        raise UnsoundReportError(
            "This server makes no PNG. Remedy: its operator installs engage-server[reports]; or take them from the page."
        ) from error
    made: bytes = layout.painted(document)
    return made
