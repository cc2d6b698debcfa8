"""The invariants, checked against the exchange's own books after a firing (replays and tests).

It believes nothing the job says: it looks at positions and orders only. Names are those of
docs/invariants.md.
"""

from exchange.ids import PREFIX
from simulator.exchange import EmbeddedExchange


def broken_invariants(exchange: EmbeddedExchange) -> list[str]:
    """One line for each invariant that does not hold now; empty when all do."""
    broken = []
    with exchange.request() as engine:
        books = engine.books
        positions = {s: position for s, position in books.positions.items() if position.lots}
        ours = [algo for algo in books.algos if algo.client_id.startswith(PREFIX)]
        plain = [order for order in books.orders if order.client_id.startswith(PREFIX)]
        for symbol, position in positions.items():
            for kind in ("STOP_MARKET", "TAKE_PROFIT_MARKET"):
                lots = [
                    algo.lots
                    for algo in ours
                    if algo.symbol == symbol and algo.type == kind and algo.side == -position.side
                ]
                if lots != [position.lots]:
                    broken.append(
                        f"I2 protected: {symbol} holds {position.lots} lots, "
                        f"its {kind} orders are for {lots}"
                    )
        resting = [(order.symbol, order.client_id) for order in plain]
        resting += [(algo.symbol, algo.client_id) for algo in ours]
        broken += [
            f"I3 no orphans: {client_id} rests without a position"
            for symbol, client_id in resting
            if symbol not in positions
        ]
    return broken
