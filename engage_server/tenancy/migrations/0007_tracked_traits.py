"""Which traits of accounts have a history."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0006_minimum_persons")]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="tracked_traits",
            field=models.JSONField(
                db_default=models.Value([], output_field=models.JSONField()),
                default=list,
                help_text="Traits of accounts whose history is kept.",
            ),
        ),
    ]
