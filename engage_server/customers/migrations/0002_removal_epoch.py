"""The counter that moves on when rows which processes remember are removed."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE customers_removal_epoch AS bigint",
            reverse_sql="DROP SEQUENCE customers_removal_epoch",
        ),
    ]
