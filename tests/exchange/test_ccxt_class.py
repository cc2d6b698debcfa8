"""ccxt's one class without the others: in fresh processes, for what is loaded is what counts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

LOADED = """
import json, sys
from exchange.ccxt_class import one_class
binanceusdm, errors = one_class()
import exchange.client
found = {
    "whole": "ccxt" in sys.modules,
    "exchanges": [n for n in sys.modules if n.startswith("ccxt.") and n.count(".") == 1],
    "guesser": "charset_normalizer.api" in sys.modules,
}
import ccxt, requests
answer = requests.Response()
answer._content = "Stra\\u00dfe, \\u00fcber den Fl\\u00fcssen".encode("latin-1")
found["guessed"] = bool(answer.apparent_encoding)
found["guesser now"] = "charset_normalizer.api" in sys.modules
found["same"] = ccxt.binanceusdm is binanceusdm and ccxt.BaseError is errors.BaseError
found["all"] = len(ccxt.exchanges) > 50 and hasattr(ccxt, "kraken")
print(json.dumps(found))
"""

#: ccxt without the file that the one class comes from, as if it had been moved.
MOVED = """
import json, sys
class Moved:
    def find_spec(self, name, path=None, target=None):
        if name == "ccxt.base.errors" and not getattr(sys.modules["ccxt"], "__file__", None):
            raise ImportError("moved")
sys.meta_path.insert(0, Moved())
import exchange.client
print(json.dumps({"whole": hasattr(sys.modules["ccxt"], "kraken"),
                  "client": exchange.client.make_client("live", "k", "s", lambda: 0).id}))
"""


def ran(script: str) -> tuple[dict[str, object], str]:
    """What a fresh process prints as JSON, and what it says on stderr."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout), done.stderr


def test_only_the_one_class_is_loaded_and_the_rest_later_is_whole() -> None:
    found, said = ran(LOADED)
    exchanges = found.pop("exchanges")
    assert isinstance(exchanges, list)
    assert set(exchanges) == {"ccxt.base", "ccxt.abstract", "ccxt.binance", "ccxt.binanceusdm"}
    assert found == {
        "whole": False,
        "guesser": False,
        "guessed": True,
        "guesser now": True,
        "same": True,
        "all": True,
    }
    assert said == ""


def test_another_layout_is_told_and_all_of_ccxt_is_loaded() -> None:
    found, said = ran(MOVED)
    assert found == {"whole": True, "client": "binanceusdm"}
    [line] = said.splitlines()
    assert "ccxt's layout has changed (ImportError: moved)" in line
    assert "all of ccxt is loaded" in line


def test_ccxt_that_is_not_installed_is_told_as_ever() -> None:
    script = "import sys; sys.modules['ccxt'] = None; import exchange.client"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "ModuleNotFoundError: import of ccxt halted" in done.stderr


def test_a_process_that_has_ccxt_already_uses_it() -> None:
    ccxt = pytest.importorskip("ccxt")
    from exchange.ccxt_class import one_class

    assert one_class() == (ccxt.binanceusdm, ccxt)
