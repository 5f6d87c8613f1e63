"""What the demo asks the server's GraphQL API, over HTTP like any other client.

The one module that knows the five plugins by name: it asks for their typed fields.
"""

import http.client
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from engage_server.demo.exceptions import RefusedError

Json = dict[str, Any]

OVERVIEW: Final = """
query Overview {
  tenant { name timezone cadence }
  nps { score { day value n interval { low high } promoterShare passiveShare detractorShare } }
  ces { effortScore { value n mean scaleMin scaleMax topBoxShare } }
  licenseUtilization { utilization { value activeUsers seats spareSeats } }
  healthScore { portfolioQuality { value green yellow red unknown } }
  features: adoptionFeatureAdoptionByFeature(first: 20, worstFirst: false) {
    edges { node { label value users activeUsers adopters hint } }
  }
  worst: healthScoreScoreByAccount(first: 5, above: -1) {
    edges { node { label value band driver contributions { key label value weight } } }
  }
  accounts(first: 100) {
    edges { node { id externalId name stage licenseUtilization { utilization { value seats activeUsers band } } } }
  }
}
"""

TRENDS: Final = """
query Trends($from: Date!, $to: Date!) {
  nps: metric(id: "nps.score") { series(from: $from, to: $to, grain: WEEK) { days values } }
  effort: metric(id: "ces.effort_score") { series(from: $from, to: $to, grain: WEEK) { days values } }
  licenses: metric(id: "license_utilization.utilization") { series(from: $from, to: $to, grain: WEEK) { days values } }
  portfolio: metric(id: "health_score.portfolio_quality") { series(from: $from, to: $to, grain: WEEK) { days values } }
}
"""

HEALTH_TREND: Final = """
query HealthTrend($account: ID!, $from: Date!, $to: Date!) {
  metric(id: "health_score.score") { series(from: $from, to: $to, grain: WEEK, account: $account) { days values } }
}
"""

FEATURES_ON: Final = """
query FeaturesOn($on: Date!) {
  adoptionFeatureAdoptionByFeature(first: 20, worstFirst: false, on: $on) { edges { node { label value } } }
}
"""

TO_PASTE: Final = """{
  nps { score { value promoters passives detractors interval { low high } } }
  healthScoreScoreByAccount(first: 3) {
    edges { node { label value band contributions { label value points note } } }
  }
}"""


class Api:
    """The GraphQL API with one tenant's query key."""

    def __init__(self, *, port: int, key: str) -> None:
        """Nothing is asked yet."""
        self._port = port
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(self, query: str, **variables: str) -> Json:
        """The answer's data.

        Raises:
            RefusedError: the server does not answer the question whole.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request(
                "POST", "/graphql", json.dumps({"query": query, "variables": variables}), self._headers
            )
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != http.client.OK or answer.get("errors"):
            raise RefusedError(f"/graphql answered {response.status}: {answer.get('errors', answer)}")
        data: Json = answer["data"]
        return data


def trends(api: Api, days: Sequence[date]) -> Mapping[str, Sequence[float | None]]:
    """Values of the tenant's metrics in the weeks of these days, by short name; None where there is none."""
    found = api.ask(TRENDS, **{"from": days[0].isoformat(), "to": days[-1].isoformat()})
    return {name: by_week(metric["series"], days) for name, metric in found.items()}


def health_trend(api: Api, account: str, days: Sequence[date]) -> Sequence[float | None]:
    """Health scores of the account with this global id in the weeks of these days; None where there is none."""
    found = api.ask(
        HEALTH_TREND, account=account, **{"from": days[0].isoformat(), "to": days[-1].isoformat()}
    )
    return by_week(found["metric"]["series"], days)


def nodes(page: Json) -> list[Json]:
    """What a page of a list holds."""
    return [edge["node"] for edge in page["edges"]]


def by_week(series: Json, days: Sequence[date]) -> list[float | None]:
    """The series' value in the calendar week of each day."""
    found = {
        date.fromisoformat(day).isocalendar()[:2]: value
        for day, value in zip(series["days"], series["values"], strict=True)
    }
    return [found.get(day.isocalendar()[:2]) for day in days]


def feature_trends(api: Api, days: Sequence[date]) -> Mapping[str, Sequence[float | None]]:
    """Adoption on these days, by feature; None before its first use."""
    by_day = [
        {
            row["label"]: row["value"]
            for row in nodes(api.ask(FEATURES_ON, on=day.isoformat())["adoptionFeatureAdoptionByFeature"])
        }
        for day in days
    ]
    return {feature: [on_day.get(feature) for on_day in by_day] for feature in by_day[-1]}
