"""The typed fields, asked through a schema of the plugin's own types over stored measurements."""

import re
from pathlib import Path
from typing import Any

import strawberry
from engage_license_utilization import plugin
from engage_license_utilization.config import LicenseUtilizationConfig
from engage_license_utilization.graphql import LicenseUtilizationAccountFields, LicenseUtilizationQuery

from engage_server.sdk.testing import StoredMeasurements, request_for

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
MANIFEST = plugin.engage_manifest()
SEATS = [{"account": 7, "seats": 4, "is_trial": False}, {"account": 8, "seats": 16, "is_trial": False}]
FULL = {
    "value": 125,
    "activeUsers": 5,
    "seats": 4,
    "spareSeats": -1,
    "band": "OVER_ALLOCATED",
    "opportunity": True,
}


@strawberry.type
class Account(LicenseUtilizationAccountFields):
    pk: int


@strawberry.type
class Query(LicenseUtilizationQuery):
    @strawberry.field
    def account(self, pk: int) -> Account:
        return Account(pk=pk)


def ask(query: str) -> dict[str, Any]:
    active = [{"person": person, "account": 7} for person in range(5)]
    request = request_for(MANIFEST, {"active": active, "seats": SEATS, "accounts": [{"account": 9}]})
    kept = StoredMeasurements(MANIFEST, plugin.engage_compute(request))
    answer = strawberry.Schema(query=Query).execute_sync(query, context_value=kept.context())
    assert answer.errors is None
    assert answer.data is not None
    return answer.data


def test_the_query_of_the_readme_gives_the_tenants_utilization() -> None:
    [query] = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    assert ask(query)["licenseUtilization"] == {
        "value": 25,
        "activeUsers": 5,
        "seats": 20,
        "spareSeats": 15,
        "band": "UNDER",
        "opportunity": False,
    }


def test_an_account_has_its_own_utilization() -> None:
    fields = " ".join(FULL)
    assert ask(f"{{ account(pk: 7) {{ licenseUtilization {{ {fields} }} }} }}")["account"] == {
        "licenseUtilization": FULL
    }


def test_an_account_without_seats_says_so() -> None:
    query = "{ account(pk: 9) { licenseUtilization { value status mode band seats spareSeats } } }"
    assert ask(query)["account"]["licenseUtilization"] == {
        "value": None,
        "status": "NO_DATA",
        "mode": "none",
        "band": None,
        "seats": None,
        "spareSeats": None,
    }


def test_a_day_without_values_has_none() -> None:
    assert ask('{ licenseUtilization(on: "2020-01-01") { value } }') == {"licenseUtilization": None}


def test_the_readme_names_every_setting() -> None:
    assert {name for name in LicenseUtilizationConfig.model_fields if f"`{name}`" not in README} == set()
