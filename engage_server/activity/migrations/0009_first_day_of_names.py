"""Since when an event name is in use is known beyond the days that are kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("activity", "0008_notices")]

    operations = [
        migrations.AddField(
            model_name="eventname",
            name="first_day",
            field=models.DateField(help_text="Of its uses on days that are no longer kept.", null=True),
        ),
    ]
