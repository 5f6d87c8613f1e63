from django.db import migrations, models

# Django cannot alter a composite primary key. Days that are there are first parts: a new index is all that is written.
FORWARD = """
    ALTER TABLE activity_personday ADD COLUMN part smallint DEFAULT 0 NOT NULL;
    ALTER TABLE activity_personday DROP CONSTRAINT activity_personday_pkey;
    ALTER TABLE activity_personday ADD CONSTRAINT activity_personday_pkey
        PRIMARY KEY (day, person, account, is_named, part);
"""
# Going back, the parts of a day become one row.
BACKWARD = """
    UPDATE activity_personday day SET active_minutes = whole.active_minutes, names = whole.names, times = whole.times
    FROM (
        SELECT part.day, part.person, part.account, part.is_named,
               sum(part.active_minutes) FILTER (WHERE event.place = 1) AS active_minutes,
               array_agg(event.name ORDER BY part.part, event.place) AS names,
               array_agg(event.at ORDER BY part.part, event.place) AS times
        FROM activity_personday part
        CROSS JOIN LATERAL unnest(part.names, part.times) WITH ORDINALITY AS event (name, at, place)
        GROUP BY part.day, part.person, part.account, part.is_named HAVING max(part.part) > 0) whole
    WHERE (day.day, day.person, day.account, day.is_named, day.part)
        = (whole.day, whole.person, whole.account, whole.is_named, 0);
    DELETE FROM activity_personday WHERE part > 0;
    ALTER TABLE activity_personday DROP CONSTRAINT activity_personday_pkey;
    ALTER TABLE activity_personday DROP COLUMN part;
    ALTER TABLE activity_personday ADD CONSTRAINT activity_personday_pkey
        PRIMARY KEY (day, person, account, is_named);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('activity', '0010_room_for_days'),
    ]

    operations = [
        migrations.RunSQL(
            FORWARD,
            BACKWARD,
            state_operations=[
                migrations.AddField(
                    model_name='personday', name='part', field=models.SmallIntegerField(db_default=0)
                ),
                migrations.AlterField(
                    model_name='personday',
                    name='pk',
                    field=models.CompositePrimaryKey(
                        'day', 'person', 'account', 'is_named', 'part',
                        blank=True, editable=False, primary_key=True, serialize=False,
                    ),
                ),
                migrations.AlterField(
                    model_name='personday',
                    name='active_minutes',
                    field=models.SmallIntegerField(
                        help_text='Distinct minutes with an event, less that of the part before.'
                    ),
                ),
            ],
        ),
    ]
