from django.db import migrations, models

# PostgreSQL lets every role look into the schema "public" and make temporary tables, which would hide the tenants'
# own from whoever uses the connection next. Neither is for the tenants' roles; the login owns both and keeps them.
CLOSE = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
DO $$ BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$;
"""
OPEN = """
GRANT USAGE ON SCHEMA public TO PUBLIC;
DO $$ BEGIN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO PUBLIC', current_database());
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0003_retention")]

    operations = [
        migrations.RunSQL(CLOSE, OPEN),
        migrations.AddField(
            model_name="tenant",
            name="allowed_origins",
            field=models.JSONField(
                db_default=models.Value([], output_field=models.JSONField()),
                default=list,
                help_text="Origins of web pages that may ask, e.g. https://app.example.com.",
            ),
        ),
    ]
