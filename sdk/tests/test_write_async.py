import importlib.util
import inspect
from pathlib import Path

from ecommerce_sdk import AsyncEcommerceSDK, EcommerceSDK

SCRIPT = Path(__file__).parents[1] / "write_async.py"


def load_script():
    spec = importlib.util.spec_from_file_location("write_async", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def public(kind):
    return {name: found for name, found in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


class TestAsyncClient:
    def test_is_what_the_script_writes(self):
        script = load_script()

        written = script.as_async(script.SOURCE.read_text(encoding="utf-8"))

        assert script.TARGET.read_text(encoding="utf-8") == written, "run python sdk/write_async.py"

    def test_has_the_same_methods_with_the_same_parameters(self):
        waits, awaits = public(EcommerceSDK), public(AsyncEcommerceSDK)

        assert {name: list(inspect.signature(found).parameters) for name, found in waits.items()} == {
            name: list(inspect.signature(found).parameters) for name, found in awaits.items()
        }

    def test_awaits_whatever_needs_the_shop(self):
        plain = {
            name
            for name, found in public(AsyncEcommerceSDK).items()
            if not (inspect.iscoroutinefunction(found) or inspect.isasyncgenfunction(found))
        }

        assert plain == {"as_user", "logout", "set_token"}


class TestDocstrings:
    def test_are_there_for_all_that_is_public(self):
        wrong = [name for name, found in public(EcommerceSDK).items() if not found.__doc__]

        assert wrong == []
