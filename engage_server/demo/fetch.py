"""Gathers all answers about one company from the GraphQL API."""

from typing import Final

from engage_server.demo import questions
from engage_server.demo.questions import Api
from engage_server.demo.report import Answers
from engage_server.demo.resume import MissingHistory, weekly_days
from engage_server.demo.simulator.companies import Company

WEEKS: Final = 19


def gather(api: Api, company: Company, missing: MissingHistory) -> Answers:
    """Overview, weekly trends, and the trends of features and of the accounts to look at first."""
    days = weekly_days(missing, weeks=WEEKS)
    overview = api.ask(questions.OVERVIEW)
    ids = {edge["node"]["name"]: edge["node"]["id"] for edge in overview["accounts"]["edges"]}
    worst = [row["label"] for row in questions.nodes(overview["worst"])]
    return Answers(
        product=company.product,
        overview=overview,
        trends=questions.trends(api, days),
        features=questions.feature_trends(api, days),
        health={name: questions.health_trend(api, ids[name], days) for name in worst},
    )
