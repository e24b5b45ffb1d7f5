import threading

import pytest

from ecommerce.file_cache import FileCache


@pytest.fixture
def cache(tmp_path):
    return FileCache(str(tmp_path / "cache"), {"OPTIONS": {"MAX_ENTRIES": 1000}})


class TestSize:
    def test_is_bounded(self, tmp_path):
        cache = FileCache(str(tmp_path / "cache"), {"OPTIONS": {"MAX_ENTRIES": 50}})

        for number in range(1500):
            cache.set(str(number), number)

        assert len(list((tmp_path / "cache").iterdir())) < 1000


class TestAdd:
    def test_a_second_one_does_not_replace_the_first(self, cache):
        assert cache.add("key", "first")

        assert not cache.add("key", "second")
        assert cache.get("key") == "first"

    def test_an_expired_one_makes_room(self, cache):
        cache.set("key", "old", timeout=-1)

        assert cache.add("key", "new")
        assert cache.get("key") == "new"

    @pytest.mark.race
    def test_of_many_at_once_one_wins(self, cache):
        wins = []
        for trial in range(50):
            start = threading.Barrier(8)

            def try_it(trial=trial, start=start):
                start.wait()
                if cache.add(f"lock-{trial}", True):
                    wins.append(trial)

            threads = [threading.Thread(target=try_it) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        assert wins == list(range(50))
