"""The fault menu of the wire (simulator/README.md, 28 rows), armed through `POST /sim/fault`.

Each is armed in every scene right before a run, or half a minute into the candle, and undone five
minutes later; then calm must return. What the enumeration does to single operations is not
repeated for every operation here: this is about the exchange's own ways to misbehave.
"""

import io
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.torture.cases import Case, Played, Theatre, judge, naked_bound_ms, play_out
from tests.torture.checker import CLOCKS_MS
from tests.torture.history import EVENT, Due
from tests.torture.scenes import BTC, INTERVAL_MS
from tests.torture.world import World

ORDER, ALGO = "/fapi/v1/order", "/fapi/v1/algoOrder"
UNKNOWN = {"msg": "Unknown error, please check your request or try again later."}
BACKEND = {"code": -1007, "msg": "Timeout waiting for response from backend server."}
TOO_MANY = {"code": -1003, "msg": "Too many requests."}
Body = dict[str, Any]


class Item(NamedTuple):
    """One fault: how it is armed and, where it does not pass by itself, undone."""

    number: int
    name: str
    arm: tuple[Body, ...]
    undo: tuple[Body, ...] = ()
    foreign: bool = False
    clocks_ms: int = CLOCKS_MS


def _answer(method: str, path: str, status: int, body: Any, **more: Any) -> Body:
    return {"method": method, "path": path, "do": "answer", "status": status, "body": body, **more}


def _refused(path: str, code: int, text: str, **more: Any) -> Body:
    body = {"code": code, "msg": text}
    return _answer("*", path, 400, body, when="before", **more)


def _request(method: str, path: str, **params: str) -> Body:
    return {"do": "request", "method": method, "path": path, "params": params}


def _by_hand(side: str, quantity: str, **more: str) -> Body:
    return _request("POST", ORDER, symbol=BTC, side=side, type="MARKET", quantity=quantity, **more)


def _on_orders() -> Iterator[Item]:
    """What can become of the answer to an order, in either book."""
    for path in (ORDER, ALGO):
        told = path.rsplit("/", 1)[1]
        yield Item(1, f"503 executed, {told}", (_answer("POST", path, 503, UNKNOWN),))
        yield Item(2, f"503 lost, {told}", (_answer("POST", path, 503, UNKNOWN, when="before"),))
        yield Item(
            3,
            f"503 failed, {told}",
            (_answer("POST", path, 503, "Service Unavailable.", when="before"),),
        )
        yield Item(4, f"408 executed, {told}", (_answer("POST", path, 408, BACKEND),))
        yield Item(5, f"hang, {told}", ({"method": "POST", "path": path, "do": "hang"},))
        yield Item(6, f"reset, {told}", ({"method": "POST", "path": path, "do": "drop"},))
        yield Item(7, f"truncated, {told}", ({"method": "POST", "path": path, "do": "cut"},))
        lag = {"method": "POST", "path": path, "do": "lag", "lists": True}
        yield Item(11, f"the order is not seen, {told}", ({**lag, "lag_ms": 3_000},))
        yield Item(11, f"the order is not seen for long, {told}", ({**lag, "lag_ms": 20_000},))
        stale = {"method": "POST", "path": path, "do": "stale"}
        yield Item(11, f"positions lag, {told}", ({**stale, "reads": "/fapi/v3/*"},))
        yield Item(11, f"fills lag, {told}", ({**stale, "reads": "*/userTrades"},))
        yield Item(11, f"all reads lag, {told}", ({**stale, "reads": "/fapi/*"},))
        longer = {**stale, "reads": "/fapi/*", "lag_ms": 15_000}
        yield Item(11, f"all reads lag for long, {told}", (longer,))


def _items() -> Iterator[Item]:
    yield from _on_orders()
    limited = {"when": "before", "headers": {"Retry-After": "20"}}
    yield Item(8, "429", (_answer("*", "*", 429, TOO_MANY, **limited),))
    yield Item(9, "418", (_answer("*", "*", 418, TOO_MANY, **limited),))
    for skew_ms in (-7_000, 7_000):
        yield Item(
            10,
            f"clock off by {skew_ms} ms",
            ({"do": "skew", "skew_ms": skew_ms},),
            ({"do": "skew", "skew_ms": 0},),
            clocks_ms=8_000,
        )
    yield Item(12, "duplicate id", (_refused(ORDER, -4116, "ClientOrderId is duplicated."),))
    yield Item(
        14, "would trigger at once", (_refused(ALGO, -2021, "Order would immediately trigger."),)
    )
    yield Item(15, "rejected at its trigger", ({"do": "reject-trigger"},))
    yield Item(16, "triggered, not finished", ({"do": "slow-trigger", "lag_ms": 5_000},))
    yield Item(16, "triggered, late by a minute", ({"do": "slow-trigger", "lag_ms": 70_000},))
    for permille in (400, 0):
        yield Item(17, f"{permille} permille filled", ({"do": "partial", "permille": permille},))
    fills = {"method": "DELETE", "path": ALGO, "do": "meanwhile", "when": "before"}
    yield Item(18, "fills while it is cancelled", ({**fills, "happen": [{"do": "trigger"}]},))
    yield Item(19, "closed by hand", (_by_hand("SELL", "2", reduceOnly="true"),), foreign=True)
    yield Item(
        20,
        "key refused",
        (_answer("*", "/fapi/v*", 401, {"code": -2015, "msg": "Invalid API-key, IP, or "
                 "permissions for action."}, when="before", times=0),),
    )  # fmt: skip
    yield Item(
        21,
        "exits only",
        (_refused(ORDER, -4400, "Only reduceOnly order is allowed.", times=0,
                  params={"reduceOnly": "", "type": "MARKET"}),),
    )  # fmt: skip
    yield Item(22, "another minimum", (_rules("MIN_NOTIONAL", notional="200"),))
    yield Item(22, "a coarser step", (_rules("LOT_SIZE", stepSize="0.01"),))
    dual = "/fapi/v1/positionSide/dual"
    yield Item(
        23,
        "hedge mode",
        (_request("POST", dual, dualSidePosition="true"),),
        (_request("POST", dual, dualSidePosition="false"),),
    )
    leverage = _request("POST", "/fapi/v1/leverage", symbol=BTC, leverage="20")
    yield Item(24, "other leverage", (leverage,))
    yield Item(24, "enlarged by hand", (_by_hand("BUY", "0.1"),), foreign=True)
    yield Item(24, "turned by hand", (_by_hand("SELL", "2.5"),), (_flat(),), foreign=True)
    yield Item(25, "liquidation", ({"do": "liquidate", "symbol": BTC},), foreign=True)
    yield Item(26, "maintenance", (_refused("/fapi/v*", -1016, "No longer available.", times=0),))
    yield Item(28, "fees in BNB", ({"do": "bnb-fees"},))


def _rules(kind: str, **values: str) -> Body:
    return {"do": "rules", "symbol": BTC, "filters": {kind: values}}


def _flat() -> Body:
    """Buy back a position that was turned."""
    return _by_hand("BUY", "10", reduceOnly="true")


ITEMS = tuple(_items())
#: How long after the run the fault is armed; before it for the negative one.
ARMED_MS = (-500, 30_000)


def post(world: World, method: str, body: Body | None) -> int:
    """One request to `/sim/fault`; the status of its answer."""
    data = json.dumps(body).encode() if body is not None else b""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/sim/fault",
        "QUERY_STRING": "",
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.input": io.BytesIO(data),
    }
    told: list[str] = []
    b"".join(world.app(environ, lambda status, _headers: told.append(status)))
    return int(told[0][:3])


def play_item(stage: Theatre, candle: int, item: Item, after_ms: int) -> Played:
    """One fault of the menu in one scene."""
    world = stage.world
    world.restore(stage.before[candle])

    def arm(world: World) -> None:
        world.thorough = True  # what is armed may show at any guard
        for body in item.arm:
            if post(world, "POST", body) == 200:
                world.struck.append(f"{item.number} {item.name}")

    def undo(world: World) -> None:
        world.thorough = False
        post(world, "DELETE", None)
        for body in item.undo:
            post(world, "POST", body)

    at_ms = stage.scene.run_ms(candle) + after_ms
    extra = [Due(at_ms, EVENT, arm), Due(at_ms + INTERVAL_MS, EVENT, undo)]
    world.schedule = sorted([*stage.schedule, *extra], key=lambda due: due.at_ms)
    play_out(world, stage.scene)
    world.schedule = stage.schedule
    return Played(
        Case(f"{stage.scene.name}/{item.number} {item.name}/{after_ms}", candle, ()),
        *judge(world, stage.scene, foreign=item.foreign, clocks_ms=item.clocks_ms),
        bound_ms=naked_bound_ms(world),
        struck=tuple(world.struck),
        firings=tuple(world.firings),
    )


def menu(stage: Theatre, candle: int, stride: int = 1) -> Iterator[Played]:
    """The whole menu at one run."""
    for number, item in enumerate(ITEMS):
        for after_ms in ARMED_MS:
            if (number + candle) % stride == 0:
                yield play_item(stage, candle, item, after_ms)
