"""Playing candles: what happens to resting orders and positions while time goes by.

A candle is played in two steps: its open when it begins, the rest when it is over. At every
boundary first all candles that ended are closed, then all that begin are opened, symbols in the
order of the contracts. Between requests nothing else can happen, so stretches without position
and order are skipped.

Order at an open: funding, liquidation, stop, target, resting limits (then, by requests, market
orders). Within a candle: stop, liquidation, target, limits. Fills at an open carry the open
time, fills within a candle its last ms. Of several resting orders the tightest stop and the
nearest target count, again and again until nothing more fills.

Live public prices only: an order may be placed in the middle of a candle at a price that is not
its open. Of that candle it sees only what is certain, the way from that price to the close.
"""

from typing import NamedTuple

from simulator.engine import conditional, execution, fills, ledger
from simulator.engine.core import Core
from simulator.engine.model import AlgoOrder, Order, Position
from simulator.market.model import Candle

#: Boundaries whose candles are asked for at once.
_CHUNK = 512


def advance(core: Core, now_ms: int) -> None:
    """Play everything up to and with `now_ms`; nothing when that time is already past."""
    books = core.books
    before_ms = books.played_to_ms
    if now_ms <= before_ms:
        return
    interval_ms = core.interval_ms
    first_ms = (before_ms // interval_ms + 1) * interval_ms
    for chunk_ms in range(first_ms, now_ms + 1, _CHUNK * interval_ms):
        symbols = core.busy_symbols()
        if not symbols:
            break
        last_ms = min(chunk_ms + (_CHUNK - 1) * interval_ms, now_ms)
        _play(core, symbols, chunk_ms, last_ms)
    books.played_to_ms = now_ms
    if core.mischief.late_children:
        conditional.match_late_children(core)
    core.forget_old(before_ms, now_ms)


def _play(core: Core, symbols: list[str], first_ms: int, last_ms: int) -> None:
    """Play the boundaries from `first_ms` to `last_ms`; a missing candle has neither step."""
    interval_ms = core.interval_ms
    tables = {
        symbol: {
            candle.open_time_ms: candle
            for candle in core.market.candles(symbol, first_ms - interval_ms, last_ms + 1)
        }
        for symbol in symbols
    }
    for boundary_ms in range(first_ms, last_ms + 1, interval_ms):
        for symbol in symbols:
            ended = tables[symbol].get(boundary_ms - interval_ms)
            if ended is not None:
                _play_moments(core, _Moment(symbol, ended, boundary_ms - 1, at_open=False))
        for symbol in symbols:
            begun = tables[symbol].get(boundary_ms)
            if begun is not None:
                _play_open(core, symbol, begun)
        core.books.played_to_ms = boundary_ms


class _Moment(NamedTuple):
    """One of a candle's two steps."""

    symbol: str
    candle: Candle
    time_ms: int
    at_open: bool


def _play_open(core: Core, symbol: str, candle: Candle) -> None:
    position = core.books.positions.get(symbol)
    if position is not None:
        ledger.book_funding(core, position, candle.open_time_ms, candle.open)
    _play_moments(core, _Moment(symbol, candle, candle.open_time_ms, at_open=True))


def _play_moments(core: Core, moment: _Moment) -> None:
    """Fill one order after another until nothing more fills."""
    while _protection(core, moment) or _limits(core, moment):
        pass


def _protection(core: Core, moment: _Moment) -> bool:
    """Fire one conditional order or liquidate; whether anything happened. The orders that close
    the position come first; when flat, the selling ones.
    """
    position = core.books.positions.get(moment.symbol)
    closing = position.side if position is not None else 1
    algos = [
        algo
        for algo in core.books.algos
        if algo.symbol == moment.symbol
        and _sees(moment, algo.created_ms, algo.seen_ticks, algo.trigger_ticks)
    ]
    for side in (closing, -closing):
        stop = _nearest(algos, side, "STOP_MARKET")
        target = _nearest(algos, side, "TAKE_PROFIT_MARKET")
        held = position if position is not None and position.side == side else None
        code, ticks = _what_closes(moment, side, stop, target, held, core.costs.stop_range_ppm)
        if code == fills.LIQUIDATED and held is not None:
            execution.liquidate(core, held, moment.time_ms)
            return True
        fired = stop if code == fills.STOP else target if code == fills.TARGET else None
        if fired is not None:
            conditional.trigger(core, fired, ticks, moment.time_ms)
            return True
    return False


def _what_closes(
    moment: _Moment,
    side: int,
    stop: AlgoOrder | None,
    target: AlgoOrder | None,
    held: Position | None,
    stop_range_ppm: int,
) -> tuple[int, int]:
    """The rule's answer (code, price before slippage) for the levels of one direction."""
    stop_ticks = stop.trigger_ticks if stop is not None else 0
    target_ticks = target.trigger_ticks if target is not None else 0
    level = 0
    if held is not None and _sees(moment, held.opened_ms, held.seen_ticks, held.liquidation_ticks):
        level = held.liquidation_ticks
    candle = moment.candle
    if moment.at_open:
        return fills.open_fill(side, candle.open, stop_ticks, target_ticks, level)
    high, low = candle.high, candle.low
    return fills.candle_fill(side, high, low, stop_ticks, target_ticks, level, stop_range_ppm)


def _nearest(algos: list[AlgoOrder], side: int, kind: str) -> AlgoOrder | None:
    """Of the orders that close `side`, the tightest stop or the nearest target; of equal ones
    the oldest. A long's stop is the highest, its target the lowest.
    """
    rows = [algo for algo in algos if algo.side == -side and algo.type == kind]
    towards = side if kind == "STOP_MARKET" else -side
    return max(rows, key=lambda algo: towards * algo.trigger_ticks, default=None)


def _sees(moment: _Moment, placed_ms: int, seen_ticks: int, level_ticks: int) -> bool:
    """Whether a level may be touched in this step: always, but for one placed while the candle
    ran at another price than its open (live public prices).
    """
    candle = moment.candle
    if moment.at_open or placed_ms < candle.open_time_ms or seen_ticks == candle.open:
        return True
    return min(seen_ticks, candle.close) <= level_ticks <= max(seen_ticks, candle.close)


def _limits(core: Core, moment: _Moment) -> bool:
    """Fill (or expire) the oldest resting limit order that is touched; whether there was one."""
    candle = moment.candle
    low, high = (candle.open, candle.open) if moment.at_open else (candle.low, candle.high)
    for order in core.books.orders:
        best = low if order.side > 0 else high
        if order.symbol != moment.symbol or order.side * (best - order.price_ticks) > 0:
            continue
        if _sees(moment, order.updated_ms, order.seen_ticks, order.price_ticks):
            _fill_limit(core, order, moment.time_ms)
            return True
    return False


def _fill_limit(core: Core, order: Order, time_ms: int) -> None:
    """Fill at its own price. A reduce-only one is trimmed to the position, EXPIRED without."""
    core.plain.end(order)
    core.changed()
    if order.reduce_only:
        position = core.books.positions.get(order.symbol)
        if position is None or position.side == order.side:
            order.status = "EXPIRED"
            order.updated_ms = time_ms
            return
        order.lots = min(order.lots, position.lots)
    execution.make(core, order, time_ms)
