"""Pictures of products: whatever is uploaded is unpacked, and packed anew in the formats and widths of pages."""

from catalog.pictures.upload import ReadyPicture, keep_files, prepare_picture, store_picture
from catalog.pictures.widths import enqueue_widths

__all__ = ["ReadyPicture", "enqueue_widths", "keep_files", "prepare_picture", "store_picture"]
