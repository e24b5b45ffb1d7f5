"""The task worker with stops around the sending of a mail (see `ecommerce.acceptance.stops`)."""

from importlib import import_module

from ecommerce.acceptance.stops import Stops

import_module("ecommerce.wsgi")  # first of all: it sets Django up
call_command = import_module("django.core.management").call_command
message = import_module("django.core.mail").EmailMultiAlternatives

if __name__ == "__main__":
    Stops.of_process().around(message, "send", first="before mail sent", then="after mail sent")
    call_command("db_worker", queue_name="*", interval=0.1, startup_delay=False, reload=False)
