"""How far a tenant is set up, over GraphQL: for who may change it."""

import re

from engage_server.access.models import ApiKey
from engage_server.operations.keys import create_key
from tests.api.conftest import Caller
from tests.api.derived_values import viewer

ASK = "{ setupAudit { shareDone items { key title why state found remedy } } }"


def test_the_audit_is_for_who_may_mend_it(acme):
    admin = Caller(acme, create_key(acme, ApiKey.Kind.ADMIN), "acme.localhost")
    audit = admin.data(ASK)["setupAudit"]
    assert 0 <= audit["shareDone"] < 1
    items = {item["key"]: item for item in audit["items"]}
    assert {"north_star", "retention_baseline", "segments", "activity_cohorts", "key_actions"} <= items.keys()
    assert items["north_star"]["state"] == "MISSING"
    assert items["north_star"]["remedy"]
    (error,) = viewer(admin).ask(ASK)["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"


def test_the_audit_is_told_in_korean_as_well(acme):
    admin = Caller(acme, create_key(acme, ApiKey.Kind.ADMIN), "acme.localhost")
    told = 'items { title(language: "ko") why(language: "ko-KR") found(language: "ko") state remedy(language: "ko") }'
    for item in admin.data(f"{{ setupAudit {{ {told} }} }}")["setupAudit"]["items"]:
        said = [
            item["title"],
            item["why"],
            item["found"],
            *([item["remedy"]] if item["state"] != "DONE" else []),
        ]
        assert all(re.search("[가-힣]", text) for text in said), item
    french = admin.data('{ setupAudit { items { title(language: "fr") } } }')["setupAudit"]["items"]
    assert french[0]["title"] == "Event dictionary"
