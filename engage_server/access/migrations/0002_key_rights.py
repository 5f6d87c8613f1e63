"""Names, rights and last use of keys; every key ends, those made before a year after they were."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='name',
            field=models.CharField(blank=True, db_default='', help_text='What it is for, for people.', max_length=100),
        ),
        migrations.AddField(
            model_name='apikey',
            name='permissions',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), help_text='Null for what its kind usually may.', null=True, size=None),
        ),
        migrations.AddField(
            model_name='apikey',
            name='last_used_at',
            field=models.DateTimeField(help_text='Written once an hour at most.', null=True),
        ),
        migrations.RunSQL(
            "UPDATE access_apikey SET expires_at = created_at + interval '1 year' WHERE expires_at IS NULL",
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name='apikey',
            name='expires_at',
            field=models.DateTimeField(),
        ),
    ]
