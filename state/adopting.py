"""The notes of a trade from what the exchange knows of it: fills, or the position itself. PURE."""

from collections.abc import Sequence

import msgspec

from exchange.ids import parse_id
from exchange.views import Position, RestingOrder
from state.ledger import TradeLedger
from state.model import Intent, Rules, Trade
from state.protection import moved_stop, ours
from strategy.instrument import Instrument
from strategy.parameters import Parameters
from strategy.protection import stop_level, target_level


def trade_from(
    ledger: TradeLedger,
    parameters: Parameters,
    resting: Sequence[RestingOrder] = (),
    lots: int | None = None,
) -> Trade:
    """A trade from its fills: levels from the average entry fill; a moved stop that rests counts.

    `lots`: what is still ours and open, when the fills do not show it all.
    """
    quote, entry_lots = ledger.entry_quote, ledger.entry_lots
    trade = Trade(
        side=ledger.side,
        signal_ms=ledger.signal_ms,
        first_fill_ms=ledger.first_fill_ms,
        entry_quote=quote,
        entry_lots=entry_lots,
        lots=ledger.open_lots if lots is None else lots,
        stop=stop_level(ledger.side, quote, entry_lots, parameters.stop_loss_ppm),
        target=target_level(ledger.side, quote, entry_lots, parameters.profit_target_ppm),
        attempts=_attempts_used(ours(resting, ledger.symbol)),
        entry_tag=_entry_tag(ledger.entries[0].client_id),
    )
    moved = moved_stop(ledger.signal_ms, ours(resting, ledger.symbol))
    if moved is not None:
        trade = msgspec.structs.replace(trade, stop=moved.trigger, stop_moved=True)
    return trade


def refreshed(noted: Trade, ledger: TradeLedger, parameters: Parameters, lots: int) -> Trade:
    """A noted trade with its quantity set right, and its entry where the fills show more of it."""
    trade = msgspec.structs.replace(noted, lots=lots)
    entry = (ledger.entry_quote, ledger.entry_lots)
    if ledger.entry_lots < noted.entry_lots or entry == (noted.entry_quote, noted.entry_lots):
        return trade
    fresh = trade_from(ledger, parameters, lots=lots)
    stop = noted.stop if noted.stop_moved else fresh.stop
    return msgspec.structs.replace(
        fresh,
        stop=stop,
        stop_moved=noted.stop_moved,
        exit_leg=noted.exit_leg,
        attempts=noted.attempts,
    )


def trade_from_position(
    intent: Intent, position: Position, market: Instrument, parameters: Parameters
) -> Trade:
    """An entry whose fills cannot be read yet: from the position's own price."""
    quote = market.quote_nearest(position.entry_price, position.lots)
    return Trade(
        side=position.side,
        signal_ms=intent.signal_ms,
        first_fill_ms=intent.timestamp_ms,
        entry_quote=quote,
        entry_lots=position.lots,
        lots=position.lots,
        stop=stop_level(position.side, quote, position.lots, parameters.stop_loss_ppm),
        target=target_level(position.side, quote, position.lots, parameters.profit_target_ppm),
        entry_tag=_entry_tag(intent.client_id),
    )


def rescaled(trade: Trade, old: Rules, new: Rules) -> Trade:
    """The same trade in the units of changed rules: levels nearest, half up.

    ValueError when its quantity is no whole number of the new steps.
    """
    lots, rest = divmod(trade.lots * old.step_e8, new.step_e8)
    entry_lots, entry_rest = divmod(trade.entry_lots * old.step_e8, new.step_e8)
    if rest or entry_rest:
        raise ValueError("the open quantity does not fit the symbol's new quantity step")
    return msgspec.structs.replace(
        trade,
        lots=lots,
        entry_lots=entry_lots,
        entry_quote=_nearest(
            trade.entry_quote * old.tick_e8 * old.step_e8, new.tick_e8 * new.step_e8
        ),
        stop=_nearest(trade.stop * old.tick_e8, new.tick_e8),
        target=_nearest(trade.target * old.tick_e8, new.tick_e8),
    )


def rescaled_intent(intent: Intent, old: Rules, new: Rules) -> Intent:
    """The same for an entry that was written down."""
    lots = intent.lots * old.step_e8 // new.step_e8
    close = _nearest(intent.close * old.tick_e8, new.tick_e8)
    return msgspec.structs.replace(intent, lots=lots, close=close)


def _nearest(amount: int, unit: int) -> int:
    return (2 * amount + unit) // (2 * unit)


def _entry_tag(entry_id: str) -> int:
    own = parse_id(entry_id)
    return own.attempt if own else 0


def _attempts_used(own: Sequence[RestingOrder]) -> int:
    """One more than the highest attempt among our open orders, so that new ids differ."""
    used = [parsed.attempt for order in own if (parsed := parse_id(order.client_id))]
    return max(used) + 1 if used else 0
