"""The class NOTICE, for names that entered as PASSIVE before there was one; what the tenant set stays."""

from django.db import migrations, models

NAMES: tuple[str, ...] = (
    "Account Created", "Account Deleted", "Account Added User", "Account Removed User", "Trial Started", "Trial Ended",
    "Survey Dismissed", "Application Backgrounded", "Application Crashed", "Application Uninstalled",
    "Application Updated",
)  # fmt: skip
CLASSIFY: str = """
    UPDATE activity_eventname SET event_class = 'NOTICE'
    WHERE event_class = 'PASSIVE' AND name = ANY(%s) AND NOT COALESCE('event_class' = ANY(own_fields), false)
"""
UNDO: str = "UPDATE activity_eventname SET event_class = 'PASSIVE' WHERE event_class = 'NOTICE'"


class Migration(migrations.Migration):
    dependencies = [("activity", "0007_unmarked_batches")]

    operations = [
        migrations.AlterField(
            model_name="eventname",
            name="event_class",
            field=models.CharField(
                choices=[("VALUE", "Value"), ("PASSIVE", "Passive"), ("NOTICE", "Notice")], default="VALUE", max_length=7
            ),
        ),
        migrations.AlterField(
            model_name="feature",
            name="released_on",
            field=models.DateField(help_text="Null: when it was first known counts.", null=True),
        ),
        migrations.RunSQL([(CLASSIFY, [list(NAMES)])], UNDO),
    ]
