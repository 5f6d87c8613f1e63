"""The ledger, and where a subscription was sold and why it ended."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_attributes")]

    operations = [
        migrations.AddField(
            "subscription",
            "channel",
            models.CharField(blank=True, db_default="", help_text="Where it was sold.", max_length=100),
        ),
        migrations.AddField(
            "subscription", "cancel_reason", models.CharField(blank=True, db_default="", max_length=200)
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("COST", "Cost"), ("REVENUE", "Revenue"), ("OPPORTUNITY", "Opportunity")], max_length=11)),
                ("external_id", models.CharField(max_length=200)),
                ("stage", models.CharField(blank=True, max_length=100)),
                ("category", models.CharField(blank=True, max_length=100)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("currency", models.CharField(default="USD", max_length=3)),
                ("occurred_on", models.DateField()),
                ("closes_on", models.DateField(help_text="Of an opportunity: when it is, or was, decided.", null=True)),
                ("included_in_crc", models.BooleanField(default=True, help_text="Of a cost: whether it is one of keeping customers.")),
                ("account", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="ledger_entries", to="customers.account")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "external_id", "stage"), name="ledger_entry_once")],
                "indexes": [models.Index(fields=["occurred_on"], name="ledger_by_day")],
            },
        ),
    ]
