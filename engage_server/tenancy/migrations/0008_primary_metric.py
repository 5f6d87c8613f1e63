from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0007_tracked_traits")]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="primary_metric",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Full id of the metric that matters most; empty: none.",
                max_length=100,
            ),
        ),
    ]
