"""The real job on a scripted market, with faults, a log of its requests, and other people.

A `Stand` is wired as a replay is; only the transport is exchanged for one that writes down what
passes and lets a test step in between. It decides nothing and repairs nothing.

Prices are ticks (BTCUSDT: 0.1). The scripts are those of the oracle's planted cases: the long of
`ENTERED` is 1.010 BTC, filled at 99010, stop 98020, target 100990; a close of 99407 or more moves
the stop to 99109; a close at or above the average ends it.
"""

import io
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from job.checking import broken_invariants
from job.config import load
from job.firing import Job
from job.replay import set_stage
from job.report import Report, SymbolReport
from job.run import guard, run
from simulator.engine.engine import Engine
from simulator.engine.model import AlgoOrder
from simulator.engine.requests import OrderRequest
from simulator.exchange import EmbeddedExchange
from simulator.faults import Faults
from simulator.market.files import FileMarket
from simulator.market.model import Candle
from simulator.wire.app import make_app
from simulator.wire.mount import WsgiAdapter
from simulator.wire.signing import DEFAULT_CREDENTIALS
from state.codec import decode
from state.model import Notes, SymbolNotes, Trade
from tests.oracle.planted import START_MS, Series
from tests.oracle.planted_base import NO_FUNDING, PARAMS

INTERVAL_MS = 300_000
BTC, ETH = "BTCUSDT", "ETHUSDT"
ORDER, ALGO = "/fapi/v1/order", "/fapi/v1/algoOrder"
#: What the long of `ENTERED` is: lots, and levels in ticks.
LOTS, STOP, TARGET, MOVED = 1010, 98_020, 100_990, 99_109
Levels = dict[str, list[int]]
PROTECTED: Levels = {"STOP_MARKET": [STOP], "TAKE_PROFIT_MARKET": [TARGET]}
NOTHING: Levels = {"STOP_MARKET": [], "TAKE_PROFIT_MARKET": []}


@dataclass(frozen=True)
class Request:
    """One request as it left the job."""

    method: str
    path: str
    params: Mapping[str, str]

    @property
    def told(self) -> str:
        """A short name, e.g. "POST algoOrder STOP_MARKET"."""
        kind = self.params.get("type", "")
        return f"{self.method} {self.path.rsplit('/', 1)[1]} {kind}".strip()


@dataclass
class Hook:
    """Something that happens just before a request is answered; once. An answer replaces it."""

    method: str
    path: str
    act: Callable[[Request], object]
    skip: int = 0


@dataclass
class Stand:
    """One job, its exchange, and what passed between them."""

    job: Job
    move_to: Callable[[int], None]
    exchange: EmbeddedExchange
    faults: Faults
    folder: Path
    requests: list[Request] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)

    # Time and firing.

    @property
    def now_ms(self) -> int:
        """The clock that job and exchange share."""
        return self.job.clock.now_ms()

    def at(self, candle: int, after_ms: int = 1_000) -> None:
        """Move the clock to so long after candle number `candle` has begun."""
        self.move_to(START_MS + candle * INTERVAL_MS + after_ms)

    def run(self, candle: int | None = None, after_ms: int = 1_000) -> Report:
        """Fire the job, by default where the clock stands."""
        return self._fire(run, candle, after_ms)

    def guard(self, candle: int | None = None, after_ms: int = 1_000) -> Report:
        """Fire the guard."""
        return self._fire(guard, candle, after_ms)

    def _fire(self, fire: Callable[[Job], Report], candle: int | None, after_ms: int) -> Report:
        if candle is not None:
            self.at(candle, after_ms)
        self.requests.clear()
        return fire(self.job)

    # What can go wrong.

    def arm(self, method: str, path: str, do: Any, **more: Any) -> None:
        """Arm a fault (simulator/README.md); a `body` may be any value."""
        if "body" in more:
            more["body"] = json.dumps(more["body"]).encode()
        self.faults.arm_json(_fault_json(method, path, do, more))

    def refuse(self, method: str, path: str, code: int, times: int = 1, **more: Any) -> None:
        """The exchange refuses with a code, without executing."""
        body = {"code": code, "msg": "Refused by the test."}
        self.arm(method, path, "answer", when="before", status=400, body=body, times=times, **more)

    def meanwhile(
        self, method: str, path: str, act: Callable[[Request], object], skip: int = 0
    ) -> None:
        """Let something happen just before the next such request is answered."""
        self.hooks.append(Hook(method, path, act, skip))

    # What is true.

    def request(self) -> AbstractContextManager[Engine]:
        """The exchange's own engine, played up to now."""
        return self.exchange.request()

    def broken(self) -> list[str]:
        """The invariants that do not hold now."""
        return broken_invariants(self.exchange)

    @property
    def sent(self) -> list[str]:
        """The requests of the last firing that change something, in order."""
        return [request.told for request in self.requests if request.method != "GET"]

    def position(self, symbol: str = BTC) -> int:
        """Lots held, negative when short."""
        with self.request() as engine:
            found = engine.position(symbol)
            return found.side * found.lots if found else 0

    def algos(self, symbol: str = BTC) -> list[AlgoOrder]:
        """Open conditional orders, stops first."""
        with self.request() as engine:
            return sorted(engine.open_algos(symbol), key=lambda algo: algo.type)

    def levels(self, symbol: str = BTC) -> Levels:
        """Trigger prices of the open conditional orders, by kind."""
        found: Levels = {"STOP_MARKET": [], "TAKE_PROFIT_MARKET": []}
        for algo in self.algos(symbol):
            found[algo.type].append(algo.trigger_ticks)
        return found

    def entries(self) -> int:
        """How many entry orders have filled."""
        with self.request() as engine:
            orders = engine.all_orders()
            return sum("-EN" in order.client_id and order.filled_lots > 0 for order in orders)

    def notes(self) -> Notes:
        """The notes as they lie in the file."""
        return decode(self.state_file.read_bytes(), "the notes")

    def kept(self, symbol: str = BTC) -> SymbolNotes:
        """A symbol's notes."""
        return self.notes().symbols[symbol]

    def trade(self, symbol: str = BTC) -> Trade:
        """The open trade in the notes."""
        trade = self.kept(symbol).trade
        assert trade is not None
        return trade

    @property
    def state_file(self) -> Path:
        """Where the notes lie."""
        return self.folder / "state.json"

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The journal's events of a kind."""
        lines = [
            json.loads(line)
            for path in sorted((self.folder / "journal").glob("*.jsonl"))
            for line in path.read_text(encoding="utf-8").splitlines()
        ]
        return [event for event in lines if event["event"] == kind]

    def reasons(self) -> list[str]:
        """Why the trades in the journal ended."""
        return [event["reason"] for event in self.events("trade")]

    # Other people.

    def by_hand(self, side: int, lots: int, symbol: str = BTC, client_id: str = "") -> None:
        """A person's own market order."""
        with self.request() as engine:
            assert side in {1, -1}
            request = OrderRequest(symbol, 1 if side > 0 else -1, "MARKET", lots)
            engine.place(request._replace(client_id=client_id))


def stand(
    folder: Path,
    scripts: Series | Mapping[str, Series],
    *settings: str,
    **changes: Any,
) -> Stand:
    """A stand in `folder` on scripted candles; the clock stands at the first of them.

    `settings` are further key=value options; `changes` are fields of the Config.
    """
    by_symbol = scripts if isinstance(scripts, Mapping) else {BTC: scripts}
    given = {**PARAMS, **NO_FUNDING}
    tables = [f"symbols.{symbol}.ma_length=10" for symbol in by_symbol]
    assignments = [*(f"{name}={value}" for name, value in given.items()), *tables, *settings]
    config = replace(load({}, folder, None, assignments), **changes)
    market = FileMarket(INTERVAL_MS, {s: _rows(series) for s, series in by_symbol.items()}, "test")
    stage = set_stage(config, folder, market, START_MS)
    exchange, faults = stage.embedded.exchange, Faults()
    made = Stand(
        job=stage.job,
        move_to=stage.clock.move_to,
        exchange=exchange,
        faults=faults,
        folder=folder,
    )
    adapter = WsgiAdapter(_watched(make_app(exchange, DEFAULT_CREDENTIALS, faults), made))
    for scheme in ("https://", "http://"):
        stage.job.gateway.client.session.mount(scheme, adapter)
    return made


def entered(folder: Path, script: Series, *settings: str, **changes: Any) -> Stand:
    """A stand whose job has just entered the long of `ENTERED`, protected."""
    made = stand(folder, script, *settings, **changes)
    report = made.run(10)
    assert report.ok, report
    assert made.position() == LOTS
    assert made.levels() == PROTECTED
    return made


def only(report: Report) -> SymbolReport:
    """The report of the one symbol."""
    [symbol] = report.symbols
    return symbol


def _rows(series: Series) -> list[Candle]:
    return [Candle(series.time_ms(number), *rest) for number, *rest in series.rows]


def _fault_json(method: str, path: str, do: str, more: dict[str, Any]) -> bytes:
    body = more.pop("body", None)
    text = json.dumps({"method": method, "path": path, "do": do, **more})
    return (text[:-1] + f', "body": {body.decode()}}}').encode() if body else text.encode()


def _watched(app: Any, stand: Stand) -> Any:
    """The app, with every request written down and the hooks let in."""

    def watched(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(body)
        text = f"{environ['QUERY_STRING']}&{body.decode()}"
        request = Request(environ["REQUEST_METHOD"], environ["PATH_INFO"], dict(parse_qsl(text)))
        stand.requests.append(request)
        answer = _let_in(stand, request)
        if answer is None:
            found: Iterable[bytes] = app(environ, start_response)
            return found
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    return watched


def _let_in(stand: Stand, request: Request) -> object:
    for hook in stand.hooks:
        if (hook.method, hook.path) == (request.method, request.path):
            if hook.skip == 0:
                stand.hooks.remove(hook)
                return hook.act(request)
            hook.skip -= 1
            return None
    return None
