"""Where uploaded files lie: a local folder, in which a file is there whole or not at all, or S3."""

import os
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from ecommerce.env import Bucket

DRAFT = ".draft-"  # how the name of a file begins that is being written


class WholeFileStorage(FileSystemStorage):
    """A folder in which no process that dies leaves half a file under a name.

    A file is written under a name that nothing asks for and then renamed. With
    `allow_overwrite` a name that exists gets the new content, likewise at once.
    """

    _allow_overwrite: bool

    def _save(self, name: str, content: File) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=target.parent, prefix=DRAFT)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(draft, self.file_permissions_mode or 0o644)
            name = self._named(draft, name)
        finally:
            Path(draft).unlink(missing_ok=True)
        return name

    def _named(self, draft: str, name: str) -> str:
        """Give the finished file its name, or one that is free where another has taken it meanwhile."""
        if self._allow_overwrite:
            os.replace(draft, self.path(name))
            return name
        while True:
            try:
                os.link(draft, self.path(name))
                return name
            except FileExistsError:
                name = self.get_available_name(name)


class PrivateStorage(WholeFileStorage):
    """The folder PRIVATE_ROOT, which is served at no address."""

    @property
    def base_location(self) -> str:
        return str(settings.PRIVATE_ROOT)

    @property
    def location(self) -> str:
        return os.path.abspath(self.base_location)

    def url(self, name: str | None) -> str:
        raise ValueError("A private file has no address.")


def in_bucket(bucket: Bucket) -> dict[str, dict[str, Any]]:
    """Django's STORAGES entries for pictures that everybody may read and for files that nobody is served.

    Both may overwrite: a name is a content's hash, which only gets the same once more, or is random.

    Credentials are AWS's own affair: its variables, files or roles.
    """
    from botocore.config import Config

    scheme, _, place = bucket.public.partition("://")
    shared = {
        "bucket_name": bucket.name,
        "endpoint_url": bucket.endpoint or None,
        "region_name": bucket.region,
        "client_config": Config(
            signature_version="s3v4",
            s3={"addressing_style": "path" if bucket.endpoint else "auto"},
            connect_timeout=5,
            read_timeout=20,
            retries={"total_max_attempts": 3},
            # Other makers' S3 knows no checksums at the end of a body.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
        "default_acl": None,  # what may be read is a matter of the bucket's policy
    }
    pictures = {
        "location": f"{bucket.prefix}public",
        "file_overwrite": True,
        "custom_domain": place,
        "url_protocol": f"{scheme}:",
        "querystring_auth": False,
        "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
    }
    hidden = {
        "location": f"{bucket.prefix}private",
        "file_overwrite": True,
        "object_parameters": {"CacheControl": "private, no-store"},
    }
    backend = "storages.backends.s3.S3Storage"
    return {
        "default": {"BACKEND": backend, "OPTIONS": shared | pictures},
        "private": {"BACKEND": backend, "OPTIONS": shared | hidden},
    }


def in_folders() -> dict[str, dict[str, Any]]:
    """The same entries for folders of this machine: MEDIA_ROOT and PRIVATE_ROOT."""
    return {
        "default": {"BACKEND": "ecommerce.storage.WholeFileStorage", "OPTIONS": {"allow_overwrite": True}},
        "private": {"BACKEND": "ecommerce.storage.PrivateStorage", "OPTIONS": {"allow_overwrite": True}},
    }
