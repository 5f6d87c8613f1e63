"""The index of revisions begins with the day, so that a day's values are found without walking the history."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("metrics", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="metricvalue", name="metric_value_revision"),
        migrations.AddConstraint(
            model_name="metricvalue",
            constraint=models.UniqueConstraint(
                fields=("day", "metric", "subject_kind", "subject_id", "revision"),
                name="metric_value_revision",
            ),
        ),
    ]
