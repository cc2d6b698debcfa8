"""What a firing loads: only what it needs. Seen in fresh processes, after a whole run or guard."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.starting import Options, start
from simulator.wire.app import make_app
from simulator.wire.serve import serving
from simulator.wire.signing import DEFAULT_CREDENTIALS
from tests.processes import unmeasured

ROOT = Path(__file__).resolve().parents[2]
NOW_MS = 1_789_837_689_000

SCRIPT = """
import json, sys
from pathlib import Path
import handler
from job.commands.command_line import main
status = main(sys.argv[1:], Path(sys.argv[2]).parent, handler.real_world())
print(json.dumps([status, sorted(sys.modules)]))
"""

#: Packages and modules that no firing on the wire with its notes in a file may load.
NEVER = {
    *("aiohttp", "asyncio", "backtest", "bench", "binance", "boto3", "botocore", "coincurve"),
    *("http.server", "numba", "numpy", "simulator", "sqlite3", "unittest"),
    *("charset_normalizer.api", "ccxt.async_support", "ccxt.pro", "ccxt.static_dependencies"),
}
#: Whole packages of others that it may load, and nothing else's.
OTHERS = {
    *("_cffi_backend", "ccxt", "certifi", "charset_normalizer", "cryptography", "idna", "msgspec"),
    *("_openssl", "orjson", "requests", "typing_extensions", "urllib3"),
    "simplejson",  # requests takes it where a development tool has brought it
}
OURS = {"exchange", "handler", "job", "state", "strategy"}
#: Left in by the test run's own environment.
FOREIGN = {"_distutils_hack", "coverage", "sitecustomize", "usercustomize", "a1_coverage"}


def loaded(command: str, folder: Path, url: str) -> set[str]:
    """The modules of a fresh process after one command."""
    settings = [f"venue_url={url}", f"state={folder}/state.json", f"journal={folder}/journal"]
    options = [word for setting in settings for word in ("--set", setting)]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "--config", str(folder / "config.toml"), command, *options],
        cwd=ROOT,
        env=unmeasured(),
        capture_output=True,
        text=True,
        check=True,
    )
    status, modules = json.loads(done.stdout.splitlines()[-1])
    assert status == 0, done.stdout
    return set(modules)


@pytest.mark.parametrize("command", ["run", "guard"])
def test_a_firing_loads_what_it_needs_and_nothing_else(command: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    started = start(Options(clock="2026-09-19T12:00:05Z"), lambda: NOW_MS, lambda: NOW_MS)
    app = make_app(started.exchange, DEFAULT_CREDENTIALS, clock=started.clock)
    with serving(app) as server:
        modules = loaded(command, tmp_path, server.url)
    assert {name for name in NEVER if name in modules} == set()
    tops = {name.partition(".")[0] for name in modules}
    allowed = set(sys.stdlib_module_names) | OTHERS | OURS | FOREIGN | {"__main__"}
    assert {top for top in tops if top not in allowed and not _of_cython(top)} == set()
    assert {name for name in modules if name.startswith("ccxt.")} <= {
        *("ccxt.abstract", "ccxt.abstract.binance", "ccxt.abstract.binanceusdm", "ccxt.base"),
        *(f"ccxt.base.{name}" for name in ("decimal_to_precision", "errors", "exchange")),
        *("ccxt.base.order_router", "ccxt.base.precise", "ccxt.base.types"),
        *("ccxt.binance", "ccxt.binanceusdm"),
    }


def _of_cython(top: str) -> bool:
    """Helpers of compiled modules have names of their own (`3c22db458360489351e4__mypyc`)."""
    return top.endswith("__mypyc") or top.startswith("__editable__")
