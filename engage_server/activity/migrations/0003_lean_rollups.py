from django.db import migrations

# The bitmaps' rows become smaller, so the roll-ups begin anew: without a state the compaction refills its log from
# the events. What is not worth compressing by row is stored as it is.
FORWARD = """
    TRUNCATE activity_daybitmap, activity_personday, activity_personstate, activity_rollupstate;
    ALTER TABLE activity_daybitmap ALTER COLUMN bits TYPE bit(4096);
    ALTER TABLE activity_personday ALTER COLUMN names SET STORAGE EXTERNAL, ALTER COLUMN times SET STORAGE EXTERNAL;
    ALTER TABLE activity_eventdelta
        ALTER COLUMN persons SET STORAGE EXTERNAL, ALTER COLUMN accounts SET STORAGE EXTERNAL,
        ALTER COLUMN names SET STORAGE EXTERNAL, ALTER COLUMN times SET STORAGE EXTERNAL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('activity', '0002_rollups'),
    ]

    operations = [
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
    ]
