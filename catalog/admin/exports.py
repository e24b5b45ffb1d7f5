from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from catalog.exporting.formats import FORMATS


@require_safe
def export_view(request, kind):
    """The whole catalogue as a download, sent while it is read."""
    if not request.user.has_perm("catalog.view_product"):
        raise PermissionDenied
    export = FORMATS.get(kind)
    if export is None:
        raise Http404
    name = f"{slugify(settings.SHOP_NAME) or 'shop'}-{localdate(timezone.now()):%Y-%m-%d}{export.ending}"
    return StreamingHttpResponse(
        (text.encode() for text in export.texts()),
        content_type=export.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
