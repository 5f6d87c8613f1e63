"""A report on paper: in both languages, whatever markup its words look like; without the extra it says so."""

import sys
from datetime import date

import pytest

from engage_server.automation.exceptions import UnsoundReportError
from engage_server.automation.reports.document import Cell, Document, Table
from engage_server.automation.reports.pdf import LAYOUT, as_pdf

HOSTILE = '<font size="200">North & <a href="javascript:1">Sons</a></font>'


def document(*rows: tuple[Cell, ...], language: str = "en") -> Document:
    table = Table("Metrics", ("What", "Now"), rows, empty="Nothing.", note="2 more are left out.")
    return Document(
        "Quarterly review", "North", date(2026, 6, 1), "Figures of 2026-06-01.", language, (table,)
    )


def test_it_is_a_pdf_and_the_same_each_time():
    row = (Cell("Health", link="/app/metrics/health_score.score"), Cell("31.5", is_bad=True, share=0.3))
    made = as_pdf(document(row), base="https://engage.example.com")
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")
    assert made == as_pdf(document(row), base="https://engage.example.com")
    assert b"https://engage.example.com/app/metrics/health_score.score" in made
    assert b"engage.example.com" not in as_pdf(document(row))


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        "노스 주식회사",
        "Łódź 北京 🚀",
        "<br/>" * 50,
        "x" * 3_000,
        "]]>",
        "&amp;",
        "\x00\x07",
        "{{ }} %s {0}",
    ],
    ids=["markup", "korean", "other scripts", "breaks", "long", "cdata", "entity", "control", "templates"],
)
def test_whatever_was_told_to_us_is_text(text):
    made = as_pdf(document((Cell(text), Cell("1")), language="ko"))
    assert made.startswith(b"%PDF-")
    assert b"javascript" not in made


def test_a_long_table_goes_over_pages():
    made = as_pdf(document(*((Cell(f"Account {n}"), Cell(str(n))) for n in range(200))))
    assert made.count(b"/Type /Page\n") + made.count(b"/Type /Page ") > 3


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, LAYOUT, raising=False)
    monkeypatch.setitem(sys.modules, "reportlab.lib.pagesizes", None)
    with pytest.raises(UnsoundReportError, match=r"engage-server\[reports\]"):
        as_pdf(document())
