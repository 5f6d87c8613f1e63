import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models


# Refuses every change of a tenant that is being moved. 57M01 is of the class of a server that is about to stop: whoever
# meets it sends the same again. The text says nothing of the row.
FUNCTION = """
CREATE FUNCTION public.engage_refuse_while_moving() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the tenant is being moved' USING ERRCODE = '57M01';
END $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tenancy', '0010_mail_domains'),
    ]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION public.engage_refuse_while_moving()"),
        migrations.CreateModel(
            name='Move',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('schema_name', models.CharField(max_length=63, unique=True)),
                ('tenant_id', models.BigIntegerField(help_text='Its number here; no other tenant ever has it.')),
                ('slug', models.CharField(max_length=63)),
                ('cell', models.CharField(help_text='Name of the installation at the other end.', max_length=32)),
                ('step', models.CharField(choices=[('COMING', 'Coming'), ('FOLLOWING', 'Following'), ('FROZEN', 'Frozen'), ('ARRIVED', 'Arrived'), ('LEFT', 'Left')], max_length=9)),
                ('former_status', models.CharField(choices=[('ACTIVE', 'Active'), ('SUSPENDED', 'Suspended'), ('MOVING', 'Moving'), ('DELETING', 'Deleting')], max_length=12)),
                ('hosts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=253), default=list, help_text='Its domains when it left.', size=None)),
                ('key_ids', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), default=list, help_text='Public ids of its keys when it left.', size=None)),
                ('began_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AlterField(
            model_name='tenant',
            name='status',
            field=models.CharField(choices=[('ACTIVE', 'Active'), ('SUSPENDED', 'Suspended'), ('MOVING', 'Moving'), ('DELETING', 'Deleting')], default='ACTIVE', max_length=12),
        ),
        migrations.AddIndex(
            model_name='tenant',
            index=models.Index(condition=models.Q(status='MOVING'), fields=['id'], name='tenants_moving'),
        ),
    ]
