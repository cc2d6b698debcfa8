"""The daily summary: one sentence about a day that is over, for people who are told of it."""

from decimal import Decimal

from job.firing import Firing
from job.results import results_of
from job.tally import day_events, day_start
from state.journal import day_of
from strategy.words import count_text


def summary_of(firing: Firing, at_ms: int) -> str:
    """What the day of `at_ms` came to, and what is open now; empty when nobody wants to know.

    Trades count on the day on which they ended. Raises OSError when the journal cannot be read.
    """
    if not firing.job.tells_news:
        return ""
    trades = day_events(firing, "trade", day_start(at_ms))
    sums = results_of(trades).sums
    won = sum(Decimal(trade["net"]) > 0 for trade in trades)
    texts = [f"{day_of(at_ms)}: {count_text(len(trades), 'trade')}"]
    if trades:
        texts[0] += (
            f" ({won} won), net {sums['net']:.2f} USDT (gross {sums['gross']:.2f}, "
            f"fees {sums['fees']:.2f}, funding {sums['funding']:.2f})"
        )
    texts.append(f"balance {firing.report.balance} USDT")
    held = [
        f"{work.symbol} {work.report.position}"
        for work in firing.works
        if work.notes.trade is not None
    ]
    texts.append(f"open: {', '.join(held)}" if held else "nothing is open")
    return "; ".join([*texts, *firing.report.brakes])
