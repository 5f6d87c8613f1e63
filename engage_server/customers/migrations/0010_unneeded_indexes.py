from django.db import migrations

# Django makes a second index for LIKE beside each unique one of texts. Nobody looks for a part of a person's name, and
# the two took a twelfth of what a new person costs.
FORWARD = """
    DROP INDEX IF EXISTS customers_person_external_id_68d1e29e_like;
    DROP INDEX IF EXISTS customers_personalias_alias_7fb959e2_like;
"""
BACKWARD = """
    CREATE INDEX IF NOT EXISTS customers_person_external_id_68d1e29e_like
        ON customers_person USING btree (external_id varchar_pattern_ops);
    CREATE INDEX IF NOT EXISTS customers_personalias_alias_7fb959e2_like
        ON customers_personalias USING btree (alias varchar_pattern_ops);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0009_merged_persons'),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
