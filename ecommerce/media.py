from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.static import serve

A_YEAR = 60 * 60 * 24 * 365


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve an uploaded file, inert: a name never gets other content, and nothing in it may run.

    Where the files lie in S3, the folder is empty and nothing is found.
    """
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    response["Content-Security-Policy"] = "default-src 'none'"
    return response
