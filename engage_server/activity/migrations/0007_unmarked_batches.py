import django.contrib.postgres.fields
from django.db import migrations, models

# Going back, batches that wait in the log are looked at more closely than they need be. It is undone first, so it is last.
BACKWARD = "UPDATE activity_eventdelta SET marked = '{}' WHERE marked IS NULL"


class Migration(migrations.Migration):

    dependencies = [
        ('activity', '0006_room_for_bits'),
    ]

    operations = [
        migrations.AlterField(
            model_name='eventdelta',
            name='marked',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), null=True, size=None),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, BACKWARD),
    ]
