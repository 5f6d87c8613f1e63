from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engine", "0008_causes_of_features")]

    operations = [
        migrations.AlterField(
            model_name="affectedday",
            name="cause",
            field=models.CharField(choices=[("EVENTS", "late events"), ("RESPONSES", "late survey responses"), ("SUBSCRIPTIONS", "changed subscriptions"), ("ACCOUNTS", "changed accounts"), ("METRIC", "restated inputs"), ("CONFIGURATION", "configuration"), ("WEIGHTS", "changed weights of events"), ("CLASSES", "changed classes of events"), ("NOTICES", "changed notices"), ("FEATURES", "changed features of events"), ("RELEASES", "changed ages of features"), ("ERASURE", "erasure"), ("TIMEZONE", "time zone")], max_length=13),
        ),
    ]
