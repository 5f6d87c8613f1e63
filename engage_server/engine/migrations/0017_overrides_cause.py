"""Changed overrides are a reason to compute a day again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engine", "0016_computations")]

    operations = [
        migrations.AlterField(
            "affectedday",
            "cause",
            models.CharField(
                choices=[
                    ("EVENTS", "late events"),
                    ("RESPONSES", "late survey responses"),
                    ("SUBSCRIPTIONS", "changed subscriptions"),
                    ("ACCOUNTS", "changed accounts"),
                    ("LEDGER", "changed ledger entries"),
                    ("METRIC", "restated inputs"),
                    ("CONFIGURATION", "configuration"),
                    ("WEIGHTS", "changed weights of events"),
                    ("CLASSES", "changed classes of events"),
                    ("NOTICES", "changed notices"),
                    ("FEATURES", "changed features of events"),
                    ("RELEASES", "changed ages of features"),
                    ("ERASURE", "erasure"),
                    ("TIMEZONE", "time zone"),
                    ("SEGMENTS", "changed segments"),
                    ("OVERRIDES", "changed overrides"),
                ],
                max_length=13,
            ),
        ),
    ]
