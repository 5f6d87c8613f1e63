"""A report in Korean has what the server and the plugins say in Korean: parts, causes, bands and warnings."""

from datetime import date

import pytest

from engage_server.automation.account_page import account_page
from engage_server.automation.reports.customer import customer_document
from engage_server.automation.reports.document import Document
from engage_server.automation.reports.writing import write
from engage_server.automation.shares import ShareBody, ShareKind
from engage_server.customers.models import Account
from engage_server.definitions.store import Defined
from engage_server.operations.reports import create_report
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import tenant_scope
from tests.automation.scores import SCORE, store_scores

DAY = date(2026, 5, 20)
BEFORE = date(2026, 3, 31)


@pytest.fixture
def north(acme) -> int:
    with tenant_scope(acme):
        pk = Account.objects.create(external_id="north").pk
        store_scores(pk, (BEFORE, 70, (40, 30)), (DAY, 55, (25, 30)))
    return pk


def written(tenant, **body: object) -> Document:
    with tenant_scope(tenant):
        document = write(create_report("Review", {"language": "ko", **body}), on=DAY, with_quotes=False)
    assert document is not None
    return document


@pytest.fixture
def review(acme, north) -> Document:
    return written(acme, kind="QUARTERLY_REVIEW", account=north, metrics=[SCORE])


def texts(document: Document, number: int) -> list[list[str]]:
    return [[cell.text for cell in row] for row in document.tables[number].rows]


def test_a_review_says_in_korean_why_the_score_changed(review):
    assert review.tables[2].note == "15 점 하락, 70 → 55: 사용한 기능 -15."


def test_a_review_names_causes_in_korean(review):
    assert texts(review, 2) == [["사용한 기능", "-15.0"]]


def test_a_review_names_bands_in_korean(review):
    assert texts(review, 1)[0][-1] == "주의"


def test_a_portfolio_names_bands_in_korean(acme, north):
    assert texts(written(acme, kind="PORTFOLIO", metrics=[SCORE]), 0)[0][3] == "주의"


def test_a_roadmap_review_warns_in_korean(acme):
    risk = texts(written(acme, kind="ROADMAP", metrics=["adoption.feature_adoption"]), 2)[0][1]
    assert risk.endswith("active_users와 함께 보세요.")


def test_a_customer_s_page_names_parts_and_bands_in_korean(acme, north):
    body = ShareBody(kind=ShareKind.ACCOUNT, account=north, metrics=(SCORE,), language="ko")
    with tenant_scope(acme):
        page = account_page(Defined(1, 1, "North", body, "kim", database_now()))
    assert page is not None
    metrics, of_score = customer_document(page).tables
    assert (metrics.rows[0][2].text, of_score.rows[0][0].text) == ("주의", "사용한 기능")
