"""Identities are kept by issuer and subject. Until now by subject alone: they are those of the issuer that is set."""

from django.conf import settings
from django.db import migrations

FORMER = "oidc"


def name_issuer(apps, schema_editor):
    if settings.ENGAGE_OIDC_ISSUER:
        identities = apps.get_model("socialaccount", "SocialAccount").objects
        identities.filter(provider=FORMER).update(provider=settings.ENGAGE_OIDC_ISSUER)


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0006_key_makers'),
        ('socialaccount', '0006_alter_socialaccount_extra_data'),
    ]

    operations = [
        migrations.RunPython(name_issuer, migrations.RunPython.noop),
    ]
