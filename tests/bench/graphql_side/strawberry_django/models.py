"""The plain tables."""

from django.db import models


class Account(models.Model):
    """A row of ``account``."""

    id = models.IntegerField(primary_key=True)
    external_id = models.TextField()
    name = models.TextField()

    class Meta:
        managed = False
        app_label = "strawberry_django_rival"
        db_table = "account"

    def __str__(self) -> str:
        return self.external_id


class LatestValue(models.Model):
    """A row of ``latest_value``."""

    pk = models.CompositePrimaryKey("account_id", "metric")
    account = models.ForeignKey(Account, models.DO_NOTHING, related_name="latest")
    metric = models.TextField()
    value = models.FloatField(null=True)

    class Meta:
        managed = False
        app_label = "strawberry_django_rival"
        db_table = "latest_value"

    def __str__(self) -> str:
        return f"{self.account_id} {self.metric}"
