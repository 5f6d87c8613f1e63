from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0005_conventions")]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="minimum_persons",
            field=models.SmallIntegerField(
                db_default=3,
                default=3,
                help_text="Values of fewer persons are withheld from who may not see personal data; 1: none are.",
            ),
        ),
    ]
