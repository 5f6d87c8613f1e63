"""Feedback in words: a text without a scale, with tags, the metric that it is about and whose words it is."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0007_ledger'),
    ]

    operations = [
        migrations.AddField(
            model_name='surveyresponse',
            name='given_by',
            field=models.CharField(choices=[('CUSTOMER', 'Customer'), ('STAFF', 'Staff')], db_default='CUSTOMER', max_length=8),
        ),
        migrations.AddField(
            model_name='surveyresponse',
            name='metric',
            field=models.CharField(blank=True, db_default='', max_length=127),
        ),
        migrations.AddField(
            model_name='surveyresponse',
            name='tags',
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.AlterField(
            model_name='surveyresponse',
            name='scale_max',
            field=models.DecimalField(decimal_places=3, max_digits=9, null=True),
        ),
        migrations.AlterField(
            model_name='surveyresponse',
            name='scale_min',
            field=models.DecimalField(decimal_places=3, help_text='Null: no survey.', max_digits=9, null=True),
        ),
        migrations.AddIndex(
            model_name='surveyresponse',
            index=models.Index(condition=models.Q(('text', ''), _negated=True), fields=['occurred_at'], name='feedback_by_time'),
        ),
        migrations.AddConstraint(
            model_name='surveyresponse',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('scale_max__isnull', False), ('scale_min__isnull', False)), models.Q(('scale_max', None), ('scale_min', None), ('score', None), models.Q(('text', ''), _negated=True)), _connector='OR'), name='response_has_scale_or_text'),
        ),
    ]
