import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce.settings")
django.setup(set_prefix=False)

from ecommerce.handlers import WebHandler  # noqa: E402  (needs the settings)

application = WebHandler()
