"""When a member last signed in to the tenant; earlier times are known for the whole server only, and left out."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0004_people'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='signed_in_at',
            field=models.DateTimeField(help_text='Into this tenant; null for never.', null=True),
        ),
    ]
