"""The rival's WSGI application; a process of its own, whose settings are made here."""

import os
from typing import Any

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import path

DSN = dict(part.split("=", 1) for part in os.environ["BENCH_DSN"].split())
settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": DSN["host"],
            "USER": DSN["user"],
            "NAME": DSN["dbname"],
            "CONN_MAX_AGE": None,
            "OPTIONS": {"options": "-c search_path=rivals", "server_side_binding": True},
        }
    },
    INSTALLED_APPS=["strawberry_django", "tests.bench.graphql_side.strawberry_django.apps.RivalConfig"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],  # gives answers their length
    ROOT_URLCONF=__name__,
    SECRET_KEY="of no use here",
    USE_TZ=True,
)
django.setup()

import strawberry  # noqa: E402  # models need the settings
import strawberry_django  # noqa: E402  # likewise
from django.db.models import Prefetch  # noqa: E402  # likewise
from strawberry.django.views import GraphQLView  # noqa: E402  # likewise
from strawberry_django.optimizer import DjangoOptimizerExtension  # noqa: E402  # likewise

from tests.bench.graphql_side.strawberry_django import models  # noqa: E402  # likewise


@strawberry_django.type(models.LatestValue)
class LatestValue:
    """A value."""

    value: strawberry.auto


def _of_metric(info: strawberry.Info) -> Prefetch:
    values = models.LatestValue.objects.filter(metric=info.variable_values["metric"])
    return Prefetch("latest", queryset=values, to_attr="of_metric")


@strawberry_django.type(models.Account)
class Account:
    """An account with its newest value of the metric that is asked for."""

    external_id: strawberry.auto
    name: strawberry.auto

    @strawberry_django.field(prefetch_related=[_of_metric])
    def latest(self) -> list[LatestValue]:
        """The values, which the optimizer has read for all accounts at once."""
        found: list[LatestValue] = self.of_metric  # type: ignore[attr-defined]  # by the prefetch
        return found


@strawberry.type
class Query:
    """What is asked."""

    @strawberry_django.field
    def scores(self, first: int, metric: str) -> list[Account]:
        """The oldest accounts."""
        found: Any = models.Account.objects.order_by("id")[:first]
        return found


urlpatterns = [
    path(
        "graphql", GraphQLView.as_view(schema=strawberry.Schema(Query, extensions=[DjangoOptimizerExtension]))
    )
]
application = get_wsgi_application()
