"""Shows documents as pages that need nothing but themselves: no script, no other file, fit to be printed and mailed."""

import base64
import hashlib
from typing import Final

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from engage_server.automation.reports.document import Document
from engage_server.automation.reports.svg import as_svg

STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 1.8rem 0 .4rem; }
.about, .dated, .note { margin: .2rem 0; opacity: .8; }
table { border-collapse: collapse; width: 100%; } caption { position: absolute; left: -999rem; }
th, td { border-bottom: 1px solid #8886; padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top; }
.bad { font-weight: 700; } .bad::before { content: "▼ "; }
progress { width: 8rem; }
figure { margin: 1rem 0; } figcaption { font-weight: 600; } svg { max-width: 100%; height: auto; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; color: #000; }
  a { color: inherit; text-decoration: none; } section, figure { break-inside: avoid; }
  thead { display: table-header-group; }
}
@page { margin: 15mm; }
"""
POLICY: Final = (
    "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'"
)
"""What a browser lets such a page do."""


def as_html(document: Document, *, base: str = "") -> str:
    """The page. ``base`` is what links begin with; without it they begin at the server's root.

    Everything that was told to us is escaped.
    """
    # The style is ours, and its digest stands in the policy to the letter.
    style = mark_safe(STYLE)  # noqa: S308
    shown = {"document": document, "base": base, "style": style}
    pictures = [(one.title, as_svg(one)) for one in document.pictures]
    return render_to_string("reports/document.html", {**shown, "pictures": pictures})
