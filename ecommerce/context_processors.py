from django.conf import settings
from django.http import HttpRequest


def shop(request: HttpRequest) -> dict[str, dict[str, str]]:
    return {"shop": {"name": settings.SHOP_NAME, "contact": settings.DEFAULT_FROM_EMAIL}}
