"""Gathers all answers about one company from the GraphQL API."""

from datetime import timedelta
from typing import Final

from engage_server.demo import questions
from engage_server.demo.catching_up import Lacking
from engage_server.demo.questions import Api
from engage_server.demo.report import Answers
from engage_server.demo.simulator.companies import Company

WEEKS: Final = 20


def gather(api: Api, company: Company, lacking: Lacking) -> Answers:
    """Overview, weekly trends, and the trends of features and of the accounts to look at first."""
    last = lacking.last_day
    first = last - timedelta(weeks=WEEKS)
    overview = api.ask(questions.OVERVIEW)
    ids = {edge["node"]["name"]: edge["node"]["id"] for edge in overview["accounts"]["edges"]}
    worst = [row["account"] for row in overview["accountsByHealth"]]
    return Answers(
        product=company.product,
        overview=overview,
        trends=questions.trends(api, first=first, last=last),
        features=questions.feature_trends(api, last=last, weeks=WEEKS),
        health={
            name: questions.health_trend(api, account=ids[name], first=first, last=last) for name in worst
        },
    )
