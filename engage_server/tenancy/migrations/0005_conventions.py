from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0004_walls")]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="placeholder_ids",
            field=models.JSONField(
                db_default=models.Value([], output_field=models.JSONField()),
                default=list,
                help_text="Further ids that stand for nobody, in lower case.",
            ),
        ),
        migrations.AddField(
            model_name="tenant",
            name="survey_directions",
            field=models.JSONField(
                db_default=models.Value({}, output_field=models.JSONField()),
                default=dict,
                help_text="UP or DOWN by instrument, for answers that do not say it.",
            ),
        ),
    ]
