import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from ecommerce import env
from ecommerce.acceptance.throwaway import prepared
from ecommerce.env import Bucket, WrongSetting
from ecommerce.storage import DRAFT, WholeFileStorage

WHOLE = "s3://pictures/shop?region=eu-central-1&public=https://cdn.example.org"


class BreaksOff(ContentFile):
    """A file that can be read only in part."""

    def chunks(self, chunk_size=None):
        yield self.file.read(5)
        raise OSError("no more")


class TestWholeFileStorage:
    @pytest.fixture
    def storage(self, tmp_path):
        return WholeFileStorage(location=tmp_path, allow_overwrite=True)

    def test_keeps_a_file_under_its_name(self, storage, tmp_path):
        assert storage.save("a/b.webp", ContentFile(b"picture")) == "a/b.webp"
        assert (tmp_path / "a/b.webp").read_bytes() == b"picture"
        assert (tmp_path / "a/b.webp").stat().st_mode & 0o777 == 0o644

    def test_names_nothing_that_is_not_whole(self, storage, tmp_path):
        with pytest.raises(OSError, match="no more"):
            storage.save("b.webp", BreaksOff(b"a whole picture"))

        assert list(tmp_path.iterdir()) == []

    def test_a_failed_overwrite_leaves_the_old_content(self, storage):
        storage.save("b.webp", ContentFile(b"old"))

        with pytest.raises(OSError, match="no more"):
            storage.save("b.webp", BreaksOff(b"a whole picture"))

        assert Path(storage.path("b.webp")).read_bytes() == b"old"

    def test_overwrites_only_where_it_is_meant_to(self, storage, tmp_path):
        careful = WholeFileStorage(location=tmp_path)
        storage.save("b.webp", ContentFile(b"first"))

        other = careful.save("b.webp", ContentFile(b"second"))
        storage.save("b.webp", ContentFile(b"third"))

        assert other != "b.webp" and Path(careful.path(other)).read_bytes() == b"second"
        assert Path(storage.path("b.webp")).read_bytes() == b"third"

    @pytest.mark.race
    def test_a_killed_process_leaves_no_file_under_the_name(self, tmp_path):
        program = (
            "import os, signal; from django.core.files.base import ContentFile\n"
            "from ecommerce.storage import WholeFileStorage\n"
            "class Killed(ContentFile):\n"
            "    def chunks(self, chunk_size=None):\n"
            "        yield b'half'\n"
            "        os.kill(os.getpid(), signal.SIGKILL)\n"
            f"WholeFileStorage(location={str(tmp_path)!r})._save('b.webp', Killed(b''))\n"
        )

        environment = clean_environment(tmp_path / "var")
        done = subprocess.run([sys.executable, "-c", program], cwd=settings.BASE_DIR, env=environment)

        assert done.returncode == -9
        assert [path.name.startswith(DRAFT) for path in tmp_path.iterdir() if path.is_file()] == [True]


class TestPrivateStorage:
    def test_lies_beside_what_is_served_and_has_no_address(self):
        storage = storages["private"]

        assert not Path(storage.location).is_relative_to(settings.MEDIA_ROOT)
        with pytest.raises(ValueError, match="no address"):
            storage.url("originals/a.png")


class TestMediaStorageSetting:
    def read(self, monkeypatch, value):
        monkeypatch.setenv("MEDIA_STORAGE", value)
        return env.env_bucket("MEDIA_STORAGE")

    def test_is_a_folder_unless_set(self, monkeypatch):
        assert self.read(monkeypatch, "") is None

    def test_is_read_in_full(self, monkeypatch):
        assert self.read(monkeypatch, WHOLE) == Bucket(
            "pictures", "shop/", "eu-central-1", "", "https://cdn.example.org"
        )

    @pytest.mark.parametrize(
        ("address", "public"),
        [
            ("s3://pictures?region=eu-central-1", "https://pictures.s3.eu-central-1.amazonaws.com"),
            ("s3://pictures?region=x1&endpoint=http://127.0.0.1:9000/", "http://127.0.0.1:9000/pictures"),
        ],
    )
    def test_knows_where_the_bucket_is_read(self, monkeypatch, address, public):
        assert self.read(monkeypatch, address).public == public

    @pytest.mark.parametrize(
        "address",
        [
            "pictures",
            "https://pictures.example.org",
            "s3://",
            "s3://Pictures?region=eu-central-1",
            "s3://pictures",
            "s3://pictures/../other?region=eu-central-1",
            "s3://pictures?region=eu-central-1&acl=public",
            "s3://pictures?region=eu-central-1&public=cdn.example.org",
            "s3://pictures?region=eu-central-1&endpoint=https://key:secret@s3.example.org",
        ],
    )
    def test_is_refused_in_one_line_when_it_makes_no_sense(self, monkeypatch, address):
        with pytest.raises(WrongSetting, match=r"^MEDIA_STORAGE: .*\. Set it to an address like s3://") as refusal:
            self.read(monkeypatch, address)

        assert "secret" not in str(refusal.value) and "\n" not in str(refusal.value)


def clean_environment(var, **changes):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "ecommerce.settings"} | changes


@pytest.fixture(scope="module")
def s3():
    """An S3 of our own on the loopback, with a bucket."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urlopen(f"{address}/moto-api/", timeout=5).close()
            break
        except OSError:
            assert process.poll() is None, "moto's server did not start"
            time.sleep(0.1)
    yield address
    process.terminate()
    process.wait(20)


IN_THE_SHOP = """
import io, json, os
import boto3, django
django.setup()
bucket = boto3.client("s3", endpoint_url=os.environ["S3"], region_name="us-east-1")
bucket.create_bucket(Bucket="pictures")
bucket.put_bucket_policy(Bucket="pictures", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::pictures/shop/public/*"}
]}))
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.template.loader import render_to_string
from PIL import Image
from catalog.models import Category, Product, ProductImage
from catalog.pictures import store_picture
from catalog.pictures.widths import make_widths
file = io.BytesIO()
Image.new("RGB", (600, 750), "teal").save(file, "PNG")
category = Category.objects.add_root({"slug": "mugs", "name": "Mugs"})
product = Product.objects.create(slug="mug", name="Mug", category=category)
picture = store_picture(product, ContentFile(file.getvalue(), name="mug.png"), alt_text="A mug", position=0)
make_widths.call(picture.pk)
picture = ProductImage.objects.get()
shown = render_to_string("catalog/partials/_picture.html", {"image": picture, "sizes": "5rem"})
with picture.original.open() as kept:
    original = kept.read() == file.getvalue()
from django.test import Client
policy = Client().get("/", secure=True).headers["Content-Security-Policy"]
result = {"shown": shown, "original": original, "policy": policy, "private": storages["private"].bucket_name,
          "key": picture.original.name, "widths": picture.widths, "large": picture.largest_url()}
from catalog.pictures import keep_files, prepare_picture
places = [(default_storage, picture.image.name), (storages["private"], picture.original.name)]
for storage, name in places:
    storage.save(name, ContentFile(b"old"))
again = ProductImage()
keep_files(prepare_picture(ContentFile(file.getvalue())), again)
result["anew"] = [str(again.image), str(again.original)] == [name for _storage, name in places] and all(
    storage.size(name) > 3 for storage, name in places)
default_storage.delete(picture.file_name(480, "webp"))
result["deleted"] = not default_storage.exists(picture.file_name(480, "webp"))
print(json.dumps(result))
"""


@pytest.mark.race
class TestS3:
    @pytest.fixture(scope="class")
    @classmethod
    def shop(cls, s3, tmp_path_factory):
        """What a shop did and shows whose pictures lie in S3."""
        var = tmp_path_factory.mktemp("var")
        shutil.copy(prepared() / "shop.sqlite3", var)
        environment = clean_environment(
            var,
            S3=s3,
            MEDIA_STORAGE=f"s3://pictures/shop?region=us-east-1&endpoint={s3}",
            AWS_ACCESS_KEY_ID="testing",
            AWS_SECRET_ACCESS_KEY="testing",
        )
        done = subprocess.run(
            [sys.executable, "-c", IN_THE_SHOP], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1]) | {"var": var}

    def test_pages_name_addresses_in_it_without_signatures(self, s3, shop):
        assert shop["widths"] == [240, 480, 600]
        assert f'srcset="{s3}/pictures/shop/public/products/' in shop["shown"]
        assert "?" not in shop["shown"] and "Signature" not in shop["shown"]

    @pytest.mark.parametrize(
        ("ending", "kind"), [("avif", "image/avif"), ("webp", "image/webp"), ("jpg", "image/jpeg")]
    )
    def test_files_are_served_as_what_they_are_and_kept_by_browsers(self, shop, ending, kind):
        with urlopen(shop["large"].removesuffix("jpg") + ending, timeout=10) as answer:
            assert answer.headers["Content-Type"] == kind
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"

    def test_the_page_may_show_them(self, s3, shop):
        assert f"img-src 'self' data: {s3};" in shop["policy"] + ";"

    def test_originals_lie_where_no_page_points(self, s3, shop):
        assert shop["original"]
        assert shop["key"] not in shop["shown"]
        for place in ("public", "private"):
            with pytest.raises(HTTPError, match="40[34]"):
                urlopen(f"{s3}/pictures/shop/{place}/{shop['key']}", timeout=10)

    def test_a_file_taken_up_again_keeps_its_name_and_is_written_anew(self, shop):
        assert shop["anew"]

    def test_files_can_be_deleted(self, shop):
        assert shop["deleted"]

    def test_nothing_is_written_to_the_folder(self, shop):
        assert not list(shop["var"].glob("media/**/*")) and not list(shop["var"].glob("private/**/*"))
