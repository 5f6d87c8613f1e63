from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0008_primary_metric")]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="acting_origins",
            field=models.JSONField(
                db_default=models.Value([], output_field=models.JSONField()),
                default=list,
                help_text="Those of them whose pages may act as the person who is signed in.",
            ),
        ),
    ]
