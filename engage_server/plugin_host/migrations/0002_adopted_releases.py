"""A setting says for which release of its plugin it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plugin_host", "0001_initial")]

    operations = [
        migrations.AddField(
            "pluginsetting",
            "adopted",
            models.JSONField(
                db_default={},
                default=dict,
                help_text="For which release of the plugin: its definitions, and what it was agreed that it reads.",
            ),
        ),
    ]
