from django.db import migrations, models

import engage_server.access.models


class Migration(migrations.Migration):
    dependencies = [("access", "0007_identities_by_issuer")]

    operations = [
        # Those who are there keep their numbers, which the tenants' audit logs name.
        migrations.AlterField(
            model_name="user",
            name="id",
            field=models.BigIntegerField(
                default=engage_server.access.models.new_number,
                editable=False,
                help_text="By chance: whose number is lower than the newest would be known to some tenant before.",
                primary_key=True,
                serialize=False,
            ),
        ),
    ]
