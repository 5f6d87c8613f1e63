"""Terms of subscriptions, and the standing of accounts, by the day: what is stored holds for all the past."""

import django.db.models.deletion
from django.db import migrations, models

# The words that ``customers.statuses`` has more than one spelling of; what is none of its words counts as before.
SPELL: str = """
    UPDATE customers_subscription
    SET status = CASE WHEN word = 'cancelled' THEN 'canceled' WHEN word = 'trial' THEN 'trialing' ELSE word END
    FROM (SELECT id AS row, regexp_replace(lower(trim(status)), '[-_ ]+', '_', 'g') AS word
          FROM customers_subscription) spelt
    WHERE id = spelt.row
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_joins")]

    operations = [
        migrations.RunSQL(SPELL, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="subscription",
            name="valid_from",
            field=models.DateField(help_text="Null: ever since it started.", null=True),
        ),
        migrations.AlterField(
            model_name="subscription", name="external_id", field=models.CharField(max_length=200)
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.UniqueConstraint(
                fields=("external_id", "valid_from"), nulls_distinct=False, name="subscription_terms_once"
            ),
        ),
        migrations.CreateModel(
            name="FormerStanding",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("until", models.DateField()),
                ("plan", models.CharField(blank=True, max_length=100)),
                ("stage", models.CharField(choices=[("LEAD", "Lead"), ("TRIAL", "Trial"), ("CUSTOMER", "Customer"), ("CHURNED", "Churned")], max_length=8)),
                ("account", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="former_standings", to="customers.account")),
                ("parent", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="customers.account")),
            ],
        ),
        migrations.AddConstraint(
            model_name="formerstanding",
            constraint=models.UniqueConstraint(fields=("account", "until"), name="former_standing_once"),
        ),
    ]
