import catalog.models
from django.db import migrations, models


class Migration(migrations.Migration):
    """Pictures keep the file as it came, and know in which widths it is shown."""

    dependencies = [("catalog", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="productimage",
            name="original",
            field=models.FileField(
                blank=True,
                db_default="",
                editable=False,
                max_length=200,
                storage=catalog.models.private_storage,
                upload_to="originals/",
                verbose_name="original",
            ),
        ),
        migrations.AddField(
            model_name="productimage",
            name="widths",
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list, editable=False),
        ),
    ]
