"""The rival as an app: its optimizer needs the models to be of an installed one."""

from django.apps import AppConfig


class RivalConfig(AppConfig):
    """Names the app as its models do."""

    name = "tests.bench.graphql_side.strawberry_django"
    label = "strawberry_django_rival"
