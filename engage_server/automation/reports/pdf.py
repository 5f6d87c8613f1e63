"""Shows documents as PDF, for who files or hands out paper; needs the extra ``reports``."""

from importlib import import_module
from typing import Final

from engage_server.automation.exceptions import UnsoundReportError
from engage_server.automation.reports.document import Document

LAYOUT: Final = "engage_server.automation.reports.pdf_layout"


def as_pdf(document: Document, *, base: str = "") -> bytes:
    """The document as a file of A4 pages. ``base`` is what links begin with; without it there are none.

    Everything that was told to us is text, whatever markup it looks like.

    Raises:
        UnsoundReportError: this server is installed without the extra.
    """
    try:
        layout = import_module(LAYOUT)  # by name: the server runs without what it is made of
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "reportlab":
            raise
        raise UnsoundReportError(
            "This server makes no PDF. Remedy: its operator installs engage-server[reports]; or print the page."
        ) from error
    made: bytes = layout.laid_out(document, base)
    return made
