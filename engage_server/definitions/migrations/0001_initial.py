import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='Definition',
            fields=[
                ('pk', models.CompositePrimaryKey('number', 'version', blank=True, editable=False, primary_key=True, serialize=False)),
                ('number', models.IntegerField()),
                ('version', models.IntegerField(default=1)),
                ('kind', models.CharField(max_length=20)),
                ('name', models.CharField(max_length=100)),
                ('body', models.JSONField(default=dict)),
                ('author', models.CharField(help_text='As in the audit log.', max_length=64)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('superseded_at', models.DateTimeField(null=True)),
                ('is_retired', models.BooleanField(db_default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_retired', False), ('superseded_at', None)), fields=('kind', 'name'), name='definition_name_once')],
            },
        ),
    ]
