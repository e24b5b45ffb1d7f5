"""Products and stock for programs."""

from django.http import HttpRequest
from ninja import Router

from catalog.schemas import CategoryOut

router = Router(tags=["products"])


@router.get("/categories", response=list[CategoryOut], operation_id="get_categories", summary="Categories")
def get_categories(request: HttpRequest):
    return []
