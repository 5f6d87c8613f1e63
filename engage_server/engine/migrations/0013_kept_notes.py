"""Notes of restatement can be kept for one plugin."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engine", "0010_processes")]

    operations = [
        migrations.RemoveConstraint("affectedday", "affected_day_once"),
        migrations.AddField(
            "affectedday",
            "kept_for",
            models.CharField(
                blank=True,
                db_default="",
                help_text="The one plugin that it still has to be told.",
                max_length=50,
            ),
        ),
        migrations.AddConstraint(
            "affectedday",
            models.UniqueConstraint(
                fields=("tenant", "cause", "plugin", "day", "why", "kept_for"), name="affected_day_once"
            ),
        ),
    ]
