from django.db import migrations

# Events come to a day's rows as long as it lasts. With room beside them they are rewritten on their page, and in
# neither index; what was written before this change keeps its pages.
FORWARD = "ALTER TABLE activity_personday SET (fillfactor = 80)"
BACKWARD = "ALTER TABLE activity_personday RESET (fillfactor)"


class Migration(migrations.Migration):

    dependencies = [
        ('activity', '0009_first_day_of_names'),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
