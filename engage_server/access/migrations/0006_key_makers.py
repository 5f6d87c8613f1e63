"""Which key made a key, so that revoking one ends what it made."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0005_signed_in_at'),
    ]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='maker',
            field=models.ForeignKey(help_text='The key that made it; null where a person or the operator did.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='made', to='access.apikey'),
        ),
    ]
