"""Reports draw what they say: on the page, on paper and as a file; what is withheld is not drawn."""

import io
import sys
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from PIL import Image
from reportlab import rl_config

from engage_server.activity.models import Feature
from engage_server.automation.exceptions import UnsoundReportError
from engage_server.automation.reports.document import Bars, Curve, Document
from engage_server.automation.reports.drawing import BOTTOM, LEFT, RIGHT, TOP, Box, Dot, Label, Stroke, drawn
from engage_server.automation.reports.pages import as_html
from engage_server.automation.reports.pdf import as_pdf
from engage_server.automation.reports.png import LAYOUT, as_png
from engage_server.automation.reports.svg import INK, as_svg
from engage_server.automation.reports.writing import write
from engage_server.operations.reports import create_report
from engage_server.tenancy.scope import tenant_scope
from tests.automation import test_reports
from tests.automation.test_reports import BEFORE, DAY, SCORE, account, review
from tests.metrics.values import store

FIRST = date(2026, 5, 1)
north = test_reports.north
EVIL = '"><script>alert(1)</script>\r\nx'


def curve(*values: float | None, title: str = "Health") -> Curve:
    return Curve(
        title, "%", tuple((FIRST + timedelta(days=number), value) for number, value in enumerate(values))
    )


def document(*pictures: Curve | Bars) -> Document:
    return Document("Review", "North", DAY, "Figures.", "en", (), pictures)


def marks(picture: Curve | Bars, kind: type) -> list:
    return [one for one in drawn(picture).marks if isinstance(one, kind)]


def test_a_curve_goes_from_the_first_day_to_the_last_and_from_the_lowest_to_the_highest():
    (line,) = [one for one in marks(curve(50, 100, 0), Stroke) if not one.is_grid]
    assert line.places == ((LEFT, (TOP + BOTTOM) / 2), ((LEFT + RIGHT) / 2, TOP), (RIGHT, BOTTOM))
    assert [one.text for one in marks(curve(50, 100, 0), Label)] == [
        "0%", "50%", "100%", "2026-05-01", "2026-05-03",
    ]  # fmt: skip


def test_a_day_without_a_value_is_a_gap_and_one_between_gaps_a_dot():
    broken = curve(1, 2, None, 3, None, 4, 5)
    lines = [one for one in marks(broken, Stroke) if not one.is_grid]
    assert [len(one.places) for one in lines] == [2, 2]
    assert len(marks(broken, Dot)) == 1


def test_a_value_that_never_moves_and_a_day_alone_are_drawn():
    assert marks(curve(7, 7), Stroke)
    assert marks(curve(7), Dot)
    assert drawn(curve(None, None)).marks == ()


def test_bars_begin_at_zero_and_what_is_below_stands_out():
    up, down = marks(Bars("Change", "", (("North", 30.0), ("South", -15.0))), Box)
    assert (up.is_bad, down.is_bad) == (False, True)
    assert up.width == pytest.approx(2 * down.width)
    assert down.x + down.width == pytest.approx(up.x)


@pytest.mark.parametrize(
    "picture", [curve(1, 2, title=EVIL), Bars(EVIL, EVIL, ((EVIL, 1.0), ("북쪽", -2.0)))]
)
def test_whatever_was_told_to_us_is_text_in_each_form(picture):
    made = as_svg(picture)
    assert "<script" not in made
    tree = ElementTree.fromstring(made)  # noqa: S314  # ours; it is well-formed
    assert not [
        name for one in tree.iter() for name in one.attrib if name.startswith("on") or name == "style"
    ]
    assert "<script" not in as_html(document(picture))
    assert as_pdf(document(picture)).startswith(b"%PDF-")
    assert as_png(document(picture)).startswith(b"\x89PNG")


def test_paper_and_file_show_what_the_page_does(monkeypatch):
    monkeypatch.setattr(rl_config, "pageCompression", 0)
    made = as_pdf(document(curve(50, 100)))
    assert b"2026-05-01" in made
    assert b"100%" in made
    assert b" RG" in made  # a line in colour
    assert made == as_pdf(document(curve(50, 100)))
    image = Image.open(io.BytesIO(as_png(document(curve(50, 100), curve(1, 2)))))
    ink = tuple(int(INK[place : place + 2], 16) for place in (1, 3, 5))
    assert ink in {color for _, color in image.convert("RGB").getcolors(1_000_000)}
    assert image.height > 1.9 * Image.open(io.BytesIO(as_png(document(curve(50, 100))))).height


def test_a_review_draws_the_way_of_each_figure_and_leaves_out_what_is_withheld(acme, north):
    with tenant_scope(acme):
        few = DAY - timedelta(days=3)
        for day, n in ((few - timedelta(days=1), 40), (few, 1)):
            store("csat.score", 70, kind="account", subject=north, day=day, n=n)
        for day in (few, few - timedelta(days=2)):
            store("nps.score", 10, kind="account", subject=north, day=day, n=40)
        found = review(north, metrics=[SCORE, "csat.score", "nps.score"])
    health, promoters = found.pictures
    assert health.points == ((BEFORE, 70.0), (DAY - timedelta(days=7), 66.0), (DAY, 55.0))
    assert [value for _, value in promoters.points] == [10.0, 10.0]
    assert as_html(found).count("<svg") == 2


def test_a_figure_that_was_withheld_on_some_days_has_gaps_there(acme, north):
    with tenant_scope(acme):
        for back, n in ((9, 40), (8, 1), (7, 40)):
            store("nps.score", 10 + back, kind="account", subject=north, day=DAY - timedelta(days=back), n=n)
        _, promoters = review(north, metrics=[SCORE, "nps.score"]).pictures
    assert [value for _, value in promoters.points] == [19.0, None, 17.0]


def test_a_portfolio_draws_who_fell_most_and_a_roadmap_what_is_used_most(acme, globex, north):
    metric = "adoption.feature_adoption"
    with tenant_scope(acme):
        other = account("east")
        for day, value in ((DAY, 90), (DAY - timedelta(days=7), 50)):
            store(SCORE, value, kind="account", subject=other, day=day, n=9)
        for name, value in (("Old", 2), ("Used", 40)):
            store(metric, value, kind="feature", subject=Feature.objects.create(name=name).pk, day=DAY)
        written = [
            write(create_report(kind, {"kind": kind, "metrics": [of]}), on=DAY, with_quotes=False)
            for kind, of in (("PORTFOLIO", SCORE), ("ROADMAP", metric))
        ]
    ((fell,), (used,)) = (one.pictures for one in written)
    assert [value for _, value in fell.bars] == [-11.0, 40.0]
    assert used.bars == (("Used", 40.0), ("Old", 2.0))
    with tenant_scope(globex):
        theirs = write(
            create_report("PORTFOLIO", {"kind": "PORTFOLIO", "metrics": [SCORE]}), on=DAY, with_quotes=False
        )
    assert theirs.pictures == ()


def test_the_command_writes_pictures_into_a_file(acme, north, tmp_path):
    with tenant_scope(acme):
        create_report("Review", {"kind": "QUARTERLY_REVIEW", "account": north, "metrics": [SCORE]})
    out = tmp_path / "review.png"
    asked = ["--format", "png", "--on", DAY.isoformat(), "--tenant", acme.slug]
    call_command("report", "write", "Review", "--out", str(out), *asked)
    assert out.read_bytes().startswith(b"\x89PNG")


def test_without_pictures_or_without_the_extra_it_says_so(monkeypatch):
    with pytest.raises(UnsoundReportError, match="no picture"):
        as_png(document())
    monkeypatch.delitem(sys.modules, LAYOUT, raising=False)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(UnsoundReportError, match=r"engage-server\[reports\]"):
        as_png(document(curve(1, 2)))
