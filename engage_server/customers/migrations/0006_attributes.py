"""The history of accounts' attributes by the time of which they were told, in place of their standing by the day."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# What an account was first known as was told when it came up; what it changed to, at the midnight of that day.
CARRY_OVER: str = """
    WITH calendar AS (SELECT COALESCE((SELECT zone FROM activity_rollupstate LIMIT 1), 'UTC') AS zone),
    standing AS (
        SELECT account_id, parent_id, plan, stage,
               lag(until) OVER (PARTITION BY account_id ORDER BY until) AS since
        FROM customers_formerstanding
        UNION ALL
        SELECT id, parent_id, plan, stage,
               (SELECT max(until) FROM customers_formerstanding WHERE account_id = account.id)
        FROM customers_account account
    ),
    told AS (
        SELECT standing.account_id, one.attribute, one.value,
               (account.name, account.plan, account.traits) = ('', '', '{}')
                   AND num_nulls(account.parent_id, account.started_at) = 2 AS is_bare,
               COALESCE(standing.since::timestamp AT TIME ZONE calendar.zone,
                        LEAST(account.created_at,
                              (SELECT min(until) FROM customers_formerstanding former
                               WHERE former.account_id = account.id)::timestamp AT TIME ZONE calendar.zone
                              - interval '1 microsecond')) AS at
        FROM standing JOIN customers_account account ON account.id = standing.account_id CROSS JOIN calendar
        CROSS JOIN LATERAL (
            VALUES ('parent', COALESCE(to_jsonb(standing.parent_id), 'null')), ('plan', to_jsonb(standing.plan)),
                   ('stage', to_jsonb(standing.stage))) one (attribute, value)
    ),
    news AS (
        SELECT *, lag(value) OVER (PARTITION BY account_id, attribute ORDER BY at) AS before,
               count(*) OVER (PARTITION BY account_id) AS standings
        FROM told
    )
    INSERT INTO customers_accountattribute (account_id, attribute, value, since, told, heard)
    SELECT account_id, attribute, value, at, ARRAY[at], ARRAY[at] FROM news
    WHERE value IS DISTINCT FROM before
      AND (standings > 3 OR value NOT IN ('null', '""', '"CUSTOMER"') OR (value = '"CUSTOMER"' AND NOT is_bare))
    ORDER BY account_id, attribute, at
"""


class Migration(migrations.Migration):
    dependencies = [("activity", "0010_room_for_days"), ("customers", "0005_dated_terms")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="owner",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Who looks after it on the tenant's side.",
                max_length=200,
            ),
        ),
        migrations.CreateModel(
            name="AccountAttribute",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("attribute", models.CharField(help_text="plan, stage, parent, owner or traits.<name>.", max_length=110)),
                ("value", models.JSONField(help_text="Of a parent the account's id.")),
                ("since", models.DateTimeField(help_text="The first of ``told``.")),
                ("told", django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), size=None)),
                ("heard", django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), size=None)),
                ("account", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="attributes", to="customers.account")),
            ],
            options={
                "indexes": [models.Index(fields=["account", "attribute", "since"], name="attribute_of_account")],
            },
        ),
        migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop),
        migrations.DeleteModel(name="FormerStanding"),
    ]
