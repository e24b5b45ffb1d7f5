from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.template import TemplateSyntaxError, engines


@register("templates", deploy=True)
def templates_compile(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Compile every template of the project, as a page that is rarely shown hides a slip for long."""
    errors: list[CheckMessage] = []
    folder = Path(settings.BASE_DIR, "templates")
    for path in sorted(folder.rglob("*.*")):
        try:
            engines["django"].get_template(str(path.relative_to(folder)))
        except (TemplateSyntaxError, UnicodeDecodeError) as error:
            errors.append(Error(f"{path.relative_to(folder)}: {error}", id="ecommerce.E001"))
    return errors
