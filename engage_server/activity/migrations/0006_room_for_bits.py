from django.db import migrations

# Bits are set in rows that are there: with room beside them they are rewritten on their page, and in no index.
FORWARD = "ALTER TABLE activity_daybitmap SET (fillfactor = 80)"
BACKWARD = "ALTER TABLE activity_daybitmap RESET (fillfactor)"


class Migration(migrations.Migration):

    dependencies = [
        ('activity', '0005_sources'),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
