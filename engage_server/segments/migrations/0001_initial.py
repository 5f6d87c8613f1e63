from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='SegmentMember',
            fields=[
                ('pk', models.CompositePrimaryKey('segment', 'subject', 'starts_on', blank=True, editable=False, primary_key=True, serialize=False)),
                ('segment', models.IntegerField(help_text='Number of the definition.')),
                ('subject', models.IntegerField()),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(help_text='Null: still.', null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='segment_member_period')],
            },
        ),
    ]
