"""Entries of the ledger that change have their days computed again."""

from django.db import migrations, models

from engage_server.engine.models import AffectedDay


class Migration(migrations.Migration):
    dependencies = [("engine", "0013_kept_notes")]

    operations = [
        migrations.AlterField(
            "affectedday", "cause", models.CharField(choices=AffectedDay.Cause.choices, max_length=13)
        ),
    ]
