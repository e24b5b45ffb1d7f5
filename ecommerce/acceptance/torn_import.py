"""The negative control: `import_products` without a transaction around a batch, so that each statement is committed.

A death within a batch then leaves half products; if the proof did not see
them, it could not see anything.
"""

import os
import sys
from importlib import import_module

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce.settings")
django.setup()
import_module("catalog.importing.apply").use_case = lambda function: function

import_module("django.core.management").call_command("import_products", sys.argv[1])
