"""The simulator's own paths, `/sim/...`: look at the books, move the clock, arm faults.

Not Binance's: no key, no signature, no weight.
"""

from collections.abc import Callable

import msgspec

from simulator.faults import FaultError, happening_from
from simulator.wire.account import position_row
from simulator.wire.algo_rows import algo_row, open_algo_row
from simulator.wire.answer import WireError
from simulator.wire.clocks import ClockError
from simulator.wire.figures import money
from simulator.wire.happening import happen
from simulator.wire.order_rows import fill_row, history_row, income_row, order_row
from simulator.wire.venue import Venue


class _NewTime(msgspec.Struct, forbid_unknown_fields=True):
    now: int


def state(venue: Venue, _body: str) -> object:
    """GET /sim/state: the whole account, unfiltered by faults; rows in Binance's shapes."""
    figures = venue.figures
    with venue.exchange.request() as engine:
        books = engine.books
        return {
            "now": engine.now_ms,
            "wallet": money(books.wallet_e8),
            "positions": [position_row(venue, engine, symbol) for symbol in books.positions],
            "orders": [order_row(o, figures[o.symbol]) for o in books.orders],
            "algo_orders": [open_algo_row(o, figures[o.symbol]) for o in books.algos],
            "fills": [fill_row(fill, figures[fill.symbol]) for fill in books.fills],
            "ended_orders": [history_row(o, figures[o.symbol]) for o in books.ended_orders],
            "ended_algo_orders": [algo_row(o, figures[o.symbol]) for o in books.ended_algos],
            "incomes": [income_row(each) for each in books.incomes],
        }


def set_clock(venue: Venue, body: str) -> object:
    """POST /sim/clock {"now": ms}: forward only; every candle in between is played."""
    try:
        wanted = msgspec.json.decode(body.encode(), type=_NewTime)
        return {"now": venue.set_clock(wanted.now)}
    except (msgspec.MsgspecError, ClockError) as error:
        raise WireError(-1130, str(error)) from error


def arm_fault(venue: Venue, body: str) -> object:
    """POST /sim/fault: arms one fault and tells its number, or lets something happen at once."""
    try:
        happening = happening_from(body.encode())
        if happening is not None:
            happen(venue, happening)
            return {"happened": 1}
        return {"armed": venue.faults.arm_json(body.encode())}
    except FaultError as error:
        raise WireError(-1130, str(error)) from error


def list_faults(venue: Venue, _body: str) -> object:
    """GET /sim/fault: every armed fault, how often it was met and how often it acted."""
    return venue.faults.report()


def disarm_faults(venue: Venue, _body: str) -> object:
    """DELETE /sim/fault: forgets them all, and what is in store."""
    venue.disarm()
    return {"armed": 0}


Control = Callable[[Venue, str], object]

CONTROLS: dict[tuple[str, str], Control] = {
    ("GET", "/sim/state"): state,
    ("POST", "/sim/clock"): set_clock,
    ("GET", "/sim/fault"): list_faults,
    ("POST", "/sim/fault"): arm_fault,
    ("DELETE", "/sim/fault"): disarm_faults,
}
